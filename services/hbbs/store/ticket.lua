-- KEYS ticket:{uuid}. ARGV RelayTicket, how many of its bytes tell sessions
-- apart, life in ms. 1, or 0 if the uuid is another session's.
local old = redis.call('GET', KEYS[1])
local n = tonumber(ARGV[2])
if old and string.sub(old, 1, n) ~= string.sub(ARGV[1], 1, n) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
