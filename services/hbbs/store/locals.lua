-- KEYS hash address -> number, zset address -> time of last use. ARGV highest
-- number, seconds after which an unused number may be given anew, then the
-- addresses in use here (16 bytes). Answers address and number of all.
local now = tonumber(redis.call('TIME')[1])
local max, keep = tonumber(ARGV[1]), tonumber(ARGV[2])
local function free_number()
  local taken = {}
  for _, n in ipairs(redis.call('HVALS', KEYS[1])) do
    taken[tonumber(n)] = true
  end
  for n = 1, max do
    if not taken[n] then return n end
  end
  local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf',
    now - keep, 'LIMIT', 0, 1)[1]
  if not old then return nil end
  local n = redis.call('HGET', KEYS[1], old)
  redis.call('HDEL', KEYS[1], old)
  redis.call('ZREM', KEYS[2], old)
  return n
end
for i = 3, #ARGV do
  local n = redis.call('HGET', KEYS[1], ARGV[i])
  if not n then
    n = free_number()
    if n then redis.call('HSET', KEYS[1], ARGV[i], n) end
  end
  if n then redis.call('ZADD', KEYS[2], now, ARGV[i]) end
end
return redis.call('HGETALL', KEYS[1])
