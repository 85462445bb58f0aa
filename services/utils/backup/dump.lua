-- KEYS a key. ARGV size from which it is written in parts. Answers nothing if it
-- is gone, else type, time of expiry in ms, and the dump unless it is large.
local t = redis.call('TYPE', KEYS[1])['ok']
if t == 'none' then return {} end
local at, ttl = '0', redis.call('PTTL', KEYS[1])
if ttl >= 0 then
  local now = redis.call('TIME')
  at = string.format('%.0f', tonumber(now[1]) * 1000 +
    math.floor(tonumber(now[2]) / 1000) + ttl)
end
local size = redis.call('MEMORY', 'USAGE', KEYS[1]) or 0
if size > tonumber(ARGV[1]) and
   (t == 'hash' or t == 'zset' or t == 'set') then
  return { t, at }
end
return { t, at, redis.call('DUMP', KEYS[1]) }
