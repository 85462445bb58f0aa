-- Takes one job that is due until ARGV[2].
-- KEYS zset id by due ms, hash of jobs. ARGV now, until when it is claimed.
-- Answers id and job, or nil if none is due.
local id = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf',
  ARGV[1], 'LIMIT', 0, 1)[1]
if not id then return false end
redis.call('ZADD', KEYS[1], ARGV[2], id)
return {id, redis.call('HGET', KEYS[2], id)}
