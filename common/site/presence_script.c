#include "common/site/presence_script.h"

#include <assert.h>

#include "common/site/presence.h"

static_assert(NODE_LEASE_S == 6 && NODE_GRACE_S == 30, "numbers below");

/* Byte 2 of a presence is the transport, 5 to 8 the epoch, 9 to 12 the time. */
const char presence_script_online[] =
	"local now = tonumber(redis.call('TIME')[1])\n"
	"local lease, grace = 6, 30\n"
	"local known = {}\n"
	"local function node(epoch)\n"
	"  if known[epoch] then return known[epoch] end\n"
	"  local name = string.format('%08x', (struct.unpack('<I4', epoch)))\n"
	"  local seen = redis.call('ZSCORE', 'nodes:hbbs', name)\n"
	"  local age = seen and now - tonumber(seen) or lease + grace\n"
	"  local heard = redis.call('PUBSUB', 'NUMSUB', 'bus:hbbs:' .. "
	"name)[2]\n"
	"  known[epoch] = { alive = age < lease and tonumber(heard) > 0,\n"
	"                   orphans = age < lease + grace }\n"
	"  return known[epoch]\n"
	"end\n"
	"local function online(v)\n"
	"  local epoch = string.sub(v, 5, 8)\n"
	"  if epoch == '\\0\\0\\0\\0' or epoch == ARGV[1] then return 0 end\n"
	"  local n = node(epoch)\n"
	"  if n.alive or n.orphans and string.byte(v, 2) == 1 then\n"
	"    return 1\n"
	"  end\n"
	"  return 0\n"
	"end\n"
	"local out = {}\n"
	"for i = 1, #KEYS do\n"
	"  local v = redis.call('HGET', KEYS[i], ARGV[1 + i])\n"
	"  local good = v and string.len(v) >= 12\n"
	"  out[2 * i - 1] = good and online(v) or 0\n"
	"  out[2 * i] = good and\n"
	"    (struct.unpack('<I4', string.sub(v, 9, 12))) or 0\n"
	"end\n"
	"return out\n";
