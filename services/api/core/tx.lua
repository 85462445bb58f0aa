-- Checks, then runs commands: all of them or none.
-- KEYS of the checks, then of the commands. ARGV number of checks; field ('':
-- the key is a string) and value ('=' and the text, '!' absent) of each; then for
-- each command the number of its words without the key, and the words.
local checks, at = tonumber(ARGV[1]), 2
for i = 1, checks do
  local field, want = ARGV[at], ARGV[at + 1]
  local have
  if field == '' then have = redis.call('GET', KEYS[i])
  else have = redis.call('HGET', KEYS[i], field) end
  if (have and '=' .. have or '!') ~= want then return 0 end
  at = at + 2
end
for i = checks + 1, #KEYS do
  local n = tonumber(ARGV[at])
  redis.call(ARGV[at + 1], KEYS[i], unpack(ARGV, at + 2, at + n))
  at = at + n + 1
end
return 1
