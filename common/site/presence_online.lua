-- Who is online, asked of Redis; one truth for the lists of clients and of the
-- api, and the one by which a connection succeeds. A peer is online if the node
-- that its presence names has a fresh lease and listens on its channel: a push
-- reaches it there. One that is gone leaves its UDP peers reachable for
-- NODE_GRACE_S, because any other node may push.
-- KEYS seen bucket for each id. ARGV epoch (4 bytes) whose presences do not
-- count or "", then the ids. Answers two numbers for each: 1 if it is online,
-- and when its presence was written (seconds since 2020-01-01; 0: never).
-- Byte 2 of a presence is the transport, 5 to 8 the epoch, 9 to 12 the time.
local now = tonumber(redis.call('TIME')[1])
local lease, grace = 6, 30
local known = {}
local function node(epoch)
  if known[epoch] then return known[epoch] end
  local name = string.format('%08x', (struct.unpack('<I4', epoch)))
  local seen = redis.call('ZSCORE', 'nodes:hbbs', name)
  local age = seen and now - tonumber(seen) or lease + grace
  local heard = redis.call('PUBSUB', 'NUMSUB', 'bus:hbbs:' .. name)[2]
  known[epoch] = { alive = age < lease and tonumber(heard) > 0,
                   orphans = age < lease + grace }
  return known[epoch]
end
local function online(v)
  local epoch = string.sub(v, 5, 8)
  if epoch == '\0\0\0\0' or epoch == ARGV[1] then return 0 end
  local n = node(epoch)
  if n.alive or n.orphans and string.byte(v, 2) == 1 then
    return 1
  end
  return 0
end
local out = {}
for i = 1, #KEYS do
  local v = redis.call('HGET', KEYS[i], ARGV[1 + i])
  local good = v and string.len(v) >= 12
  out[2 * i - 1] = good and online(v) or 0
  out[2 * i] = good and
    (struct.unpack('<I4', string.sub(v, 9, 12))) or 0
end
return out
