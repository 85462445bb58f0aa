-- What online.h needs to say who is online, asked of Redis in one step.
-- KEYS seen bucket for each id. ARGV the ids, then NODE_GONE_S. Answers for
-- each id its presence ("": none), the age of its holder's lease, and how many
-- listen on the holder's channel.
-- Bytes 5 to 8 of a presence are the epoch (presence.h).
local now = tonumber(redis.call('TIME')[1])
local known = {}
local function node(epoch)
  if known[epoch] then return known[epoch] end
  local name = string.format('%08x', (struct.unpack('<I4', epoch)))
  local seen = redis.call('ZSCORE', 'nodes:hbbs', name)
  local bus = 'bus:hbbs:' .. name
  known[epoch] = {
    seen and math.max(0, now - tonumber(seen)) or
      tonumber(ARGV[#KEYS + 1]),
    redis.call('PUBSUB', 'NUMSUB', bus)[2] }
  return known[epoch]
end
local out = {}
for i = 1, #KEYS do
  local v = redis.call('HGET', KEYS[i], ARGV[i])
  local holder = { 0, 0 }
  if v and string.len(v) >= 8 then
    holder = node(string.sub(v, 5, 8))
  end
  out[3 * i - 2] = v or ''
  out[3 * i - 1] = holder[1]
  out[3 * i] = holder[2]
end
return out
