-- KEYS conn:ref:{ref}. ARGV user, name, ip, target, life in s, key of the target,
-- guest link ("": none).
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'name', ARGV[2],
  'peer', '', 'ip', ARGV[3], 'target', ARGV[4], 'pk', ARGV[6],
  'guest', ARGV[7])
return redis.call('EXPIRE', KEYS[1], ARGV[5])
