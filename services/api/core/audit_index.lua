-- Indexes a batch of rows.
-- KEYS documents, order. ARGV hash of how far it is, rows of a batch. Answers how
-- many there were.
local at = tonumber(redis.call('HGET', ARGV[1], KEYS[1]) or 0)
local rows = redis.call('ZRANGE', KEYS[2], at,
  at + ARGV[2] - 1)
local bytes = 0
for _, id in ipairs(rows) do
  local raw = redis.call('HGET', KEYS[1], id)
  local ok, row = pcall(cjson.decode, raw or '')
  if not ok or type(row) ~= 'table' then row = {} end
  local of = KEYS[1] .. ':of:' .. tostring(row.device_guid or '')
  local by = KEYS[1] .. ':by:' .. tostring(row.user or '')
  local score = redis.call('ZSCORE', KEYS[2], id)
  if row.device_guid then redis.call('ZADD', of, score, id) end
  if row.user then redis.call('ZADD', by, score, id) end
  if raw then bytes = bytes + #raw end
end
local field = KEYS[1] .. ':bytes'
redis.call('HINCRBY', ARGV[1], field, bytes)
redis.call('HSET', ARGV[1], KEYS[1], at + #rows)
if #rows == 0 then
  redis.call('SET', field, redis.call('HGET', ARGV[1], field))
end
return #rows
