-- NodeInfo of every node that has a lease, by epoch.
-- KEYS list. ARGV what names of leases begin with, at most so many.
local out = {}
local epochs = redis.call('ZREVRANGE', KEYS[1], 0, ARGV[2] - 1)
table.sort(epochs)
for _, epoch in ipairs(epochs) do
  local info = redis.call('GET', ARGV[1] .. epoch)
  if info then out[#out + 1] = info end
end
return out
