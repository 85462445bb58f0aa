-- The rows that one request is judged by (policy.h). A ticket is for one
-- device, and a guest's is judged as its maker; an id that was just given up is
-- answered as deleted.
-- ARGV hex SHA-256 of the token (or ""), id of the device, its peer bucket; to
-- explain, the asker's guid. Fields 3 and 4 of a user row are group and role, 3
-- and 4 of a device row owner and group, 5 of a guest link's its role; "-" stands
-- for none. A guest whose link, or its role, is gone is led nowhere.
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
local guid, guest, guest_role = false, false, false
if ARGV[4] then
  guid = ARGV[4] ~= '' and ARGV[4]
elseif ARGV[1] ~= '' then
  local t = redis.call('HMGET', 'token:' .. ARGV[1], 'user', 'device', 'guest',
                       'maker')
  if not t[2] or t[2] == ARGV[2] then guid = t[1] or t[4] end
  if t[3] then
    local named = part(get('policy:guest', t[3]), 5)
    guest_role = get('policy:role', named)
    guest = guid and (named == '-' or guest_role) and t[3] or '-'
  end
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
        get('policy:group', part(device, 4)), guid, guest, guest_role}
