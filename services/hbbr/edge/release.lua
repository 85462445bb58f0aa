-- KEYS half. ARGV epoch: only the owner lets go of it.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
