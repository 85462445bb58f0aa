-- Counts a session with a guest link, once for each ticket and whoever shows
-- it: both requests of a session show the same one. ARGV guid of the link, hex
-- SHA-256 of the ticket, address of the guest. A guest may come by IPv4 and by
-- IPv6; another address of the same kind is another guest, and another use.
-- Answers 'counted', 'expired', 'used up' or 'revoked'.
local w = {}
for word in string.gmatch(redis.call('HGET', 'policy:guest', ARGV[1]) or '',
                          '[^ ]+') do
  w[#w + 1] = word
end
if w[1] ~= '1' or w[2] ~= '0' then return 'revoked' end
local now = tonumber(redis.call('TIME')[1])
local ticket = 'token:' .. ARGV[2]
local own, other = 'counted4', 'counted6'
if string.find(ARGV[3], ':', 1, true) then own, other = other, own end
local t = redis.call('HMGET', ticket, 'guest', own, other)
if tonumber(w[3]) <= now or t[1] ~= ARGV[1] then return 'expired' end
if t[2] == ARGV[3] then return 'counted' end
if t[2] or not t[3] then
  local used = tonumber(redis.call('HGET', 'policy:guest:used', ARGV[1]) or 0)
  if tonumber(w[4]) > 0 and used >= tonumber(w[4]) then return 'used up' end
  redis.call('HSET', 'policy:guest:used', ARGV[1], used + 1)
  redis.call('HSET', 'policy:guest:last', ARGV[1], now)
end
redis.call('HSET', ticket, own, ARGV[3])
return 'counted'
