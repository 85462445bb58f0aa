-- KEYS lease, node list, hash of what nodes read. ARGV epoch, NodeInfo, own lease
-- in seconds, grace in seconds, "1" to say goodbye, newest version of presence
-- that we read. Answers 1 if the node was listed before, then epoch, age and that
-- version (1 where a node says nothing) of every node.
local now = tonumber(redis.call('TIME')[1])
local known = redis.call('ZSCORE', KEYS[2], ARGV[1]) and 1 or 0
local lease, grace = tonumber(ARGV[3]), tonumber(ARGV[4])
if ARGV[5] == '1' then
  redis.call('DEL', KEYS[1])
  redis.call('ZADD', KEYS[2], now - lease, ARGV[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'EX', lease)
  redis.call('ZADD', KEYS[2], now, ARGV[1])
end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf',
  now - lease - grace)
local out = { known }
local all = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #all, 2 do
  out[#out + 1] = all[i]
  out[#out + 1] = math.max(0, now - tonumber(all[i + 1]))
  out[#out + 1] =
    tonumber(redis.call('HGET', KEYS[3], all[i]) or '1')
end
for _, epoch in ipairs(redis.call('HKEYS', KEYS[3])) do
  if not redis.call('ZSCORE', KEYS[2], epoch) then
    redis.call('HDEL', KEYS[3], epoch)
  end
end
return out
