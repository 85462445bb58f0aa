-- Each record is whole and counted, or not there.
-- KEYS count, peer bucket for each id. ARGV "1" to replace what is there,
-- MAX_PEERS, then id and record for each. Answers a text of one letter for each:
-- n new, r replaced, k kept (one was there), f too many peers.
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
local max, added, out = tonumber(ARGV[2]), 0, {}
for i = 2, #KEYS do
  local id, record = ARGV[2 * i - 1], ARGV[2 * i]
  local old = redis.call('HGET', KEYS[i], id)
  local rev = old and struct.unpack('<I4', old) or 0
  local word = old and 'r' or 'n'
  if old and ARGV[1] ~= '1' then
    word = 'k'
  elseif not old and count + added >= max then
    word = 'f'
  else
    redis.call('HSET', KEYS[i], id,
      struct.pack('<I4', rev % 4294967295 + 1) .. record)
    if not old then
      added = added + 1
      redis.call('INCR', KEYS[1])
    end
  end
  out[#out + 1] = word
end
return table.concat(out)
