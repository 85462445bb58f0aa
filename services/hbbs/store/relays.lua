-- The NodeInfo of every relay that has a lease, in the order of epochs.
local out = {}
local epochs = redis.call('ZRANGE', 'nodes:hbbr', 0, 255)
table.sort(epochs)
for _, epoch in ipairs(epochs) do
  local info = redis.call('GET', 'node:hbbr:' .. epoch)
  if info then out[#out + 1] = info end
end
return out
