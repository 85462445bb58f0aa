-- A device gets another id, and with it, in the same step, goes what hangs on
-- the id: its policy row, deployment, tombstone, inventory entry and the address
-- books' entries about it (of the 5 000 oldest books: two reads each while Redis
-- is blocked). Who still holds the old id in memory is told a moment later; until
-- then policy:moved:{id} keeps it from being judged as a stranger (policy.h), and
-- tells the api the new id.
-- KEYS old bucket, new bucket, count. ARGV old id, new id, expected revision of
-- both, record, guid as text. 1 renamed, 0 a revision differs, -2 policy knows
-- another device of the new id.
-- Documents are JSON as json-c writes it, without blanks; ids need no escapes, so
-- the member is found as a text.
local old, new, guid = ARGV[1], ARGV[2], ARGV[6]
local function rev(key, id)
  local v = redis.call('HGET', key, id)
  if v then return (struct.unpack('<I4', v)) end
  return 0
end
local function with_id(json)
  local was = '"id":"' .. old .. '"'
  local at = string.find(json, was, 1, true)
  if not at then return false end
  return string.sub(json, 1, at - 1) .. '"id":"' .. new .. '"' ..
    string.sub(json, at + #was)
end
local function move(key)
  local v = redis.call('HGET', key, old)
  if not v then return end
  redis.call('HDEL', key, old)
  redis.call('HSETNX', key, new, v)
end
local function move_entry(key)
  local v = redis.call('HGET', key, old)
  local now = v and with_id(v)
  if not now then return end
  redis.call('HDEL', key, old)
  redis.call('HSETNX', key, new, now)
end
local was = rev(KEYS[2], new)
if rev(KEYS[1], old) ~= tonumber(ARGV[3]) or
   was ~= tonumber(ARGV[4]) then return 0 end
if redis.call('HEXISTS', 'policy:device', new) == 1 then
  return -2
end
redis.call('HDEL', KEYS[1], old)
if was > 0 then redis.call('DECR', KEYS[3]) end
redis.call('HSET', KEYS[2], new,
  struct.pack('<I4', was % 4294967295 + 1) .. ARGV[5])
-- policy
move('policy:device')
move('policy:deployed')
redis.call('SET', 'policy:moved:' .. old, new, 'EX', 120)
redis.call('INCR', 'policy:rev')
redis.call('PUBLISH', 'policy:changed', 'device ' .. old)
redis.call('PUBLISH', 'policy:changed', 'device ' .. new)
-- inventory
if redis.call('HEXISTS', 'api:device:deleted', guid) == 1 then
  redis.call('HSET', 'api:device:deleted', guid, new)
end
local names, low = 'api:device:name', string.lower(new)
local doc = redis.call('HGET', 'api:device', guid)
doc = doc and with_id(doc)
if doc and (redis.call('HGET', names, low) or guid) == guid then
  redis.call('HSET', 'api:device', guid, doc)
  redis.call('HDEL', names, string.lower(old))
  redis.call('HSET', names, low, guid)
end
-- address books
for _, book in ipairs(redis.call('ZRANGE', 'api:book:order', 0,
                                 4999)) do
  move_entry('api:book:peers:' .. book)
  move_entry('api:book:bin:' .. book)
end
return 1
