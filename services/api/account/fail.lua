-- Counts a failed log-in at once, so that of parallel ones each gets its own
-- number. KEYS four counters. ARGV life of each in s; the last counts failures
-- in a row, each of which renews it.
local out = {}
for i = 1, 4 do
  out[i] = redis.call('INCR', KEYS[i])
  if out[i] == 1 or i == 4 then
    redis.call('EXPIRE', KEYS[i], ARGV[i])
  end
end
return out
