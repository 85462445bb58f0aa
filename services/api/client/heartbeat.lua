-- All that a heartbeat needs to know. ARGV the id in lower case.
-- Answers nothing for an unknown device, else guid, document, how many audit rows
-- are open, what is to be disconnected, and 1 if its facts are watched (clones.h).
local guid = redis.call('HGET', 'api:device:name', ARGV[1])
if not guid then return {} end
return {guid, redis.call('HGET', 'api:device', guid),
  redis.call('HLEN', 'api:open:' .. guid),
  redis.call('SMEMBERS', 'api:kick:' .. guid),
  redis.call('EXISTS', 'api:clone:watch:' .. guid)}
