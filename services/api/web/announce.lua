-- KEYS node, nodes:api. ARGV epoch, NodeInfo ('' to say goodbye), lease in s.
local now = tonumber(redis.call('TIME')[1])
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 36)
return 1
