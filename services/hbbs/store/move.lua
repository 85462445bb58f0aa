-- The presence of a renamed peer goes along, and its holder is told.
-- KEYS seen buckets of the old and the new id. ARGV both ids, two messages for the
-- holder (it is renamed; it is gone), presence_way() that is to move. 1 moved, 0
-- there is another. Bytes 5 to 8 of a presence are the epoch, 9 to 12 the time:
-- who registered under the new id meanwhile, elsewhere, stays.
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
  local there = redis.call('HGET', KEYS[2], ARGV[2])
  if not there or struct.unpack('<I4', string.sub(there, 5, 8)) == 0
      or struct.unpack('<I4', string.sub(there, 9, 12)) <
         struct.unpack('<I4', string.sub(v, 9, 12)) then
    redis.call('HSET', KEYS[2], ARGV[2], v)
    redis.call('PUBLISH', holder, ARGV[3])
  end
  redis.call('PUBLISH', holder, ARGV[4])
end
return 1
