-- As many documents as the reply may have bytes; '' where there is none.
-- KEYS documents. ARGV size up to which a document is read, bytes of a reply,
-- then guids.
local most, budget, out, sum = tonumber(ARGV[1]), tonumber(ARGV[2]), {}, 0
for i = 3, #ARGV do
  local v = redis.call('HGET', KEYS[1], ARGV[i])
  if not v or #v > most then v = '' end
  out[#out + 1] = v
  sum = sum + #v
  if sum > budget then break end
end
return out
