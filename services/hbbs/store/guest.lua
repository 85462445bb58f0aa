-- Counts a session with a guest link, once for each ticket: both requests of a
-- session show the same one. ARGV guid of the link, hex SHA-256 of the ticket.
-- Answers 'counted', 'expired', 'used up' or 'revoked'.
local w = {}
for word in string.gmatch(redis.call('HGET', 'policy:guest', ARGV[1]) or '',
                          '[^ ]+') do
  w[#w + 1] = word
end
if w[1] ~= '1' or w[2] ~= '0' then return 'revoked' end
local now = tonumber(redis.call('TIME')[1])
local ticket = 'token:' .. ARGV[2]
local t = redis.call('HMGET', ticket, 'guest', 'counted')
if tonumber(w[3]) <= now or t[1] ~= ARGV[1] then return 'expired' end
if t[2] then return 'counted' end
local used = tonumber(redis.call('HGET', 'policy:guest:used', ARGV[1]) or 0)
if tonumber(w[4]) > 0 and used >= tonumber(w[4]) then return 'used up' end
redis.call('HSET', ticket, 'counted', '1')
redis.call('HSET', 'policy:guest:used', ARGV[1], used + 1)
redis.call('HSET', 'policy:guest:last', ARGV[1], now)
return 'counted'
