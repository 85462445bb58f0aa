-- Adds a recording, or takes it out if its size is negative; the same twice
-- counts once.
-- KEYS sizes, order, bytes, bytes of devices. ARGV name, size, id or '',
-- when it was written (Unix time).
local old = tonumber(redis.call('HGET', KEYS[1], ARGV[1])
  or '0')
local size = tonumber(ARGV[2])
if size < 0 then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  size = 0
else
  redis.call('HSET', KEYS[1], ARGV[1], size)
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
end
if ARGV[3] ~= '' and
  redis.call('HINCRBY', KEYS[4], ARGV[3], size - old) <= 0
then redis.call('HDEL', KEYS[4], ARGV[3]) end
return redis.call('INCRBY', KEYS[3], size - old)
