-- Counts within a span that begins with the first. KEYS the counter. ARGV its
-- life in s. Answers how many it are.
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return n
