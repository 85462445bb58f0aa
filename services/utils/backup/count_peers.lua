-- KEYS peers:count, which is counted anew.
local n = 0
for i = 0, 65535 do
  n = n + redis.call('HLEN', string.format('peer:%04x', i))
end
if n > 0 then redis.call('SET', KEYS[1], n)
else redis.call('DEL', KEYS[1]) end
return n
