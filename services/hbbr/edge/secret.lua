-- The secret of all relays' links, made by the first.
-- KEYS mesh:secret. ARGV one in case there is none yet. Answers it.
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
