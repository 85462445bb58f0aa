-- A node's lease, refreshed, given up or only looked at; answers 1 if the node
-- was listed before, then epoch, age, listeners on its channel, and the version
-- of presence that it reads, of every node.
-- KEYS lease, list, hash of what nodes read. ARGV epoch ("": only look),
-- NodeInfo ("": goodbye), lease and grace in seconds, version of presence
-- that is read ("": none), what names of channels begin with.
local now = tonumber(redis.call('TIME')[1])
local lease, grace = tonumber(ARGV[3]), tonumber(ARGV[4])
local known = redis.call('ZSCORE', KEYS[2], ARGV[1]) and 1 or 0
if ARGV[1] ~= '' then
  if ARGV[2] == '' then
    redis.call('DEL', KEYS[1])
    redis.call('ZADD', KEYS[2], now - lease, ARGV[1])
  else
    redis.call('SET', KEYS[1], ARGV[2], 'EX', lease)
    redis.call('ZADD', KEYS[2], now, ARGV[1])
  end
  if ARGV[5] ~= '' then
    redis.call('HSET', KEYS[3], ARGV[1], ARGV[5])
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf',
    now - lease - grace)
  for _, epoch in ipairs(redis.call('HKEYS', KEYS[3])) do
    if not redis.call('ZSCORE', KEYS[2], epoch) then
      redis.call('HDEL', KEYS[3], epoch)
    end
  end
end
local out = { known }
local all = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #all, 2 do
  local bus = ARGV[6] .. all[i]
  out[#out + 1] = all[i]
  out[#out + 1] = math.max(0, now - tonumber(all[i + 1]))
  out[#out + 1] = redis.call('PUBSUB', 'NUMSUB', bus)[2]
  out[#out + 1] =
    tonumber(redis.call('HGET', KEYS[3], all[i]) or '1')
end
return out
