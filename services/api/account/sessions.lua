-- The sessions of a user, in turn the hash of one and some of its members.
-- KEYS set of hashes. ARGV the members.
local out = {}
for i, hash in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  out[2 * i - 1] = hash
  out[2 * i] = redis.call('HMGET', 'token:' .. hash, unpack(ARGV))
end
return out
