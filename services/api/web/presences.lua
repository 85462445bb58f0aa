-- Ids and presences in turn, of the buckets ARGV[1] to ARGV[2].
local out = {}
for b = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local key = string.format('seen:%04x', b)
  for _, v in ipairs(redis.call('HGETALL', key)) do
    out[#out + 1] = v
  end
end
return out
