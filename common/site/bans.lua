-- Who is banned, if that has changed. ARGV the revision that is known. Answers
-- '' if it is still the same, else the revision and a line for each: of what,
-- and the seconds that are left (0: for good).
local rev = redis.call('GET', 'policy:ban:rev') or '0'
if rev == ARGV[1] then return '' end
local now = tonumber(redis.call('TIME')[1])
local rows, out = redis.call('HGETALL', 'policy:ban'), { rev }
for i = 1, #rows, 2 do
  local till = tonumber(string.match(rows[i + 1], '^1 (%d+)$'))
  if till == 0 then out[#out + 1] = rows[i] .. ' 0'
  elseif till and till > now then
    out[#out + 1] = string.format('%s %d', rows[i], till - now)
  end
end
return table.concat(out, '\n')
