-- KEYS node, nodes:hbbr, mesh:secret. ARGV NodeInfo, epoch, lease ms, a secret
-- in case there is none yet. Answers the secret.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
local t = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[2], t, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', t - 36)
redis.call('SET', KEYS[3], ARGV[4], 'NX')
return redis.call('GET', KEYS[3])
