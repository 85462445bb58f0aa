-- Deletes a batch of old rows, with what counts and finds them.
-- KEYS documents, order. ARGV time before which rows go, rows of a batch, how
-- many rows may stay. Answers how many went.
local rows = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf',
  '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
local over = redis.call('ZCARD', KEYS[2]) - ARGV[3]
if #rows == 0 and over > 0 then
  rows = redis.call('ZRANGE', KEYS[2], 0,
    math.min(over, ARGV[2]) - 1)
end
for _, id in ipairs(rows) do
  local raw = redis.call('HGET', KEYS[1], id)
  local ok, row = pcall(cjson.decode, raw or '')
  if not ok or type(row) ~= 'table' then row = {} end
  local of = KEYS[1] .. ':of:' .. tostring(row.device_guid or '')
  local by = KEYS[1] .. ':by:' .. tostring(row.user or '')
  if raw then
    redis.call('DECRBY', KEYS[1] .. ':bytes', #raw)
  end
  redis.call('ZREM', of, id)
  redis.call('ZREM', by, id)
  redis.call('HDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZREM', 'api:open:all', id)
end
return #rows
