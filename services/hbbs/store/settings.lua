-- Row of policy:settings, policy:rev (nil where there is none), and of each copy of
-- a machine that is to leave its id: "id ip mark seconds-left". policy:leave has
-- "id ip" -> "1 until"; the end is the mark.
local now = tonumber(redis.call('TIME')[1])
local rows = redis.call('HGETALL', 'policy:leave')
local leave = {}
for i = 1, #rows, 2 do
  local till = tonumber(string.match(rows[i + 1], '^1 (%d+)$'))
  if till and till > now then
    leave[#leave + 1] = rows[i] .. ' ' .. string.format('%d %d', till, till - now)
  end
end
return {redis.call('HGET', 'policy:settings', 'row'),
        redis.call('GET', 'policy:rev'), leave}
