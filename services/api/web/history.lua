-- The first node to come in a minute writes it; the year keeps the highest
-- numbers of each day.
-- KEYS minute written last, day, year. ARGV minute, its field in day, in year,
-- the row.
if redis.call('GET', KEYS[1]) == ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
local now, top = {}, {}
for v in string.gmatch(ARGV[4], '%S+') do now[#now + 1] = v end
local old = redis.call('HGET', KEYS[3], ARGV[3]) or ''
for v in string.gmatch(old, '%S+') do top[#top + 1] = v end
local day = math.floor(now[1] / 86400) * 86400
if tonumber(top[1] or -1) ~= day then top = {} end
local out = { string.format('%d', day) }
for i = 2, #now do
  out[i] = tonumber(top[i] or 0) > tonumber(now[i]) and
           top[i] or now[i]
end
redis.call('HSET', KEYS[3], ARGV[3], table.concat(out, ' '))
return 1
