-- KEYS conn:ref:{ref}. ARGV epoch.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HSET', KEYS[1], 'relay', ARGV[1])
