-- KEYS api:mail. ARGV Unix time, why.
if redis.call('HGET', KEYS[1], 'failing') ~= '1' then
  redis.call('HSET', KEYS[1], 'since', ARGV[1])
end
redis.call('HSET', KEYS[1], 'failing', '1', 'failed',
  ARGV[1], 'why', ARGV[2])
