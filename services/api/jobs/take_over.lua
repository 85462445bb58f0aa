-- Jobs that a version before 2 left move to the queue of their target.
-- KEYS api:jobs, api:job.
local old = redis.call('ZRANGE', KEYS[1], 0, 99,
  'WITHSCORES')
for i = 1, #old, 2 do
  local id = old[i]
  local raw = redis.call('HGET', KEYS[2], id)
  if raw then
    local job = cjson.decode(raw)
    local to = job.type == 'mail' and 'sign-in' or
      'hook:' .. (job.hook or '')
    redis.call('HSET', KEYS[2] .. ':' .. to, id, raw)
    redis.call('ZADD', KEYS[1] .. ':' .. to, old[i + 1], id)
  end
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
