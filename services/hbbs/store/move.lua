-- The presence of a renamed peer goes along, and its holder is told.
-- KEYS seen buckets of the old and the new id. ARGV both ids, two messages for the
-- holder, presence_way() that is to move. 1 moved, 0 there is another.
local v = redis.call('HGET', KEYS[1], ARGV[1])
if not v then return 0 end
local ip = string.sub(v, string.byte(v, 1) == 1 and 13 or 14)
if #ip == 4 then
  ip = string.rep('\0', 10) .. '\255\255' .. ip
end
if string.sub(v, 2, 8) .. ip ~= ARGV[5] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
local epoch = struct.unpack('<I4', string.sub(v, 5, 8))
if epoch ~= 0 then
  local holder = string.format('bus:hbbs:%08x', epoch)
  redis.call('HSET', KEYS[2], ARGV[2], v)
  redis.call('PUBLISH', holder, ARGV[3])
  redis.call('PUBLISH', holder, ARGV[4])
end
return 1
