-- KEYS peer bucket, count. ARGV id, expected revision, record, MAX_PEERS.
-- 1 saved, 0 another revision is there, -1 too many peers.
local old = redis.call('HGET', KEYS[1], ARGV[1])
local rev = 0
if old then rev = struct.unpack('<I4', old) end
if rev ~= tonumber(ARGV[2]) then return 0 end
if not old then
  local n = tonumber(redis.call('GET', KEYS[2]) or '0')
  if n >= tonumber(ARGV[4]) then return -1 end
  redis.call('INCR', KEYS[2])
end
rev = rev % 4294967295 + 1
redis.call('HSET', KEYS[1], ARGV[1],
  struct.pack('<I4', rev) .. ARGV[3])
return 1
