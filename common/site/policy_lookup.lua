-- The rows that one request is judged by (policy.h). A ticket is for one
-- device; an id that was just given up is answered as deleted.
-- ARGV hex SHA-256 of the token (or ""), id of the device, its peer bucket; to
-- explain, the asker's guid. Fields 3 and 4 of a user row are group and role, 3
-- and 4 of a device row owner and group; "-" stands for none.
local function get(key, field)
  if not field or field == '-' or field == '' then return false end
  return redis.call('HGET', key, field)
end
local function part(row, n)
  if not row then return false end
  local i = 0
  for w in string.gmatch(row, '[^ ]+') do
    i = i + 1
    if i == n then return w end
  end
  return false
end
local guid = false
if ARGV[4] then
  guid = ARGV[4] ~= '' and ARGV[4]
elseif ARGV[1] ~= '' then
  local t = redis.call('HMGET', 'token:' .. ARGV[1], 'user', 'device')
  if not t[2] or t[2] == ARGV[2] then guid = t[1] end
end
local user = get('policy:user', guid)
local role = 'not_logged'
if user then
  role = part(user, 4)
  if role == '-' then role = 'default' end
end
local device = get('policy:device', ARGV[2])
if not device and
   redis.call('EXISTS', 'policy:moved:' .. ARGV[2]) == 1 and
   redis.call('HEXISTS', ARGV[3], ARGV[2]) == 0 then
  device = '1 2 - -'
end
local owner_guid = part(device, 3)
local owner = get('policy:user', owner_guid)
return {get('policy:settings', 'row'), user,
        get('policy:group', part(user, 3)),
        get('policy:role', role), device, owner,
        get('policy:group', part(owner, 3)),
        get('policy:group', part(device, 4)), guid}
