-- Marks old recordings for removal.
-- KEYS order, remove. ARGV "(" and Unix time, at most so many.
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf',
  ARGV[1], 'LIMIT', 0, ARGV[2])
for _, name in ipairs(old) do
  redis.call('SADD', KEYS[2], name)
end
