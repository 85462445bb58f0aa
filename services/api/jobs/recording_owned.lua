-- Counts what was sent before devices were counted, once.
-- KEYS sizes, bytes of devices. ARGV name and id of each recording.
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
for i = 1, #ARGV, 2 do
  local size = redis.call('HGET', KEYS[1], ARGV[i])
  if size then redis.call('HINCRBY', KEYS[2], ARGV[i + 1], size) end
end
return 1
