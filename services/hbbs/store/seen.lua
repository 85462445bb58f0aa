-- Writes presences. One of "offline" is written only over our own, one that says
-- nothing new not over another node's.
-- KEYS seen bucket for each id. ARGV own epoch (4 bytes), then id, presence and
-- "1" (says nothing new) or "0" for each. 1577836800 is 2020-01-01; bytes 5 to 8
-- of a presence are the epoch, 9 to 12 the time.
local t = tonumber(redis.call('TIME')[1]) - 1577836800
local stamp = struct.pack('<I4', t)
local news = {}
for i = 1, #KEYS do
  local id, v = ARGV[3 * i - 1], ARGV[3 * i]
  local offline = string.sub(v, 5, 8) == '\0\0\0\0'
  local write = true
  if offline or ARGV[3 * i + 1] == '1' then
    local old = redis.call('HGET', KEYS[i], id)
    local ours = old and string.sub(old, 5, 8) == ARGV[1]
    write = ours or not old and not offline
  end
  if write then
    local now = string.sub(v, 1, 8) .. stamp .. string.sub(v, 13)
    redis.call('HSET', KEYS[i], id, now)
    news[#news + 1] = id
    news[#news + 1] = now
  end
end
if #news > 0 then
  redis.call('XADD', 'seen:changes', 'MAXLEN', '~', 2000, '*',
    unpack(news))
end
return 1
