-- KEYS ticket, half. ARGV epoch, claim ms, '1' if a ticket is demanded, epoch of
-- a dead owner. Answers ticket or '', epoch of the owner or ''.
local t = redis.call('GET', KEYS[1])
if not t and ARGV[3] == '1' then return {'', ''} end
local h = redis.call('GET', KEYS[2])
if h and h ~= ARGV[1] and h ~= ARGV[4] then
  return {t or '', h}
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {t or '', ARGV[1]}
