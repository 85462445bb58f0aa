-- Both in one call: nobody shall see the one without the other.
-- KEYS node, nodes:hbbr. ARGV epoch.
redis.call('DEL', KEYS[1])
return redis.call('ZREM', KEYS[2], ARGV[1])
