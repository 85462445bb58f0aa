#include "services/hbbs/store/scripts.h"

/* 1577836800 is 2020-01-01; bytes 5-8 are the epoch, 9-12 the time. */
const char script_seen[] =
	"local t = tonumber(redis.call('TIME')[1]) - 1577836800\n"
	"local stamp = struct.pack('<I4', t)\n"
	"local news = {}\n"
	"for i = 1, #KEYS do\n"
	"  local id, v = ARGV[3 * i - 1], ARGV[3 * i]\n"
	"  local offline = string.sub(v, 5, 8) == '\\0\\0\\0\\0'\n"
	"  local write = true\n"
	"  if offline or ARGV[3 * i + 1] == '1' then\n"
	"    local old = redis.call('HGET', KEYS[i], id)\n"
	"    local ours = old and string.sub(old, 5, 8) == ARGV[1]\n"
	"    write = ours or not old and not offline\n"
	"  end\n"
	"  if write then\n"
	"    local now = string.sub(v, 1, 8) .. stamp .. string.sub(v, 13)\n"
	"    redis.call('HSET', KEYS[i], id, now)\n"
	"    news[#news + 1] = id\n"
	"    news[#news + 1] = now\n"
	"  end\n"
	"end\n"
	"if #news > 0 then\n"
	"  redis.call('XADD', 'seen:changes', 'MAXLEN', '~', 2000, '*',\n"
	"    unpack(news))\n"
	"end\n"
	"return 1\n";

const char script_move[] =
	"local v = redis.call('HGET', KEYS[1], ARGV[1])\n"
	"if not v then return 0 end\n"
	"local ip = string.sub(v, string.byte(v, 1) == 1 and 13 or 14)\n"
	"if #ip == 4 then\n"
	"  ip = string.rep('\\0', 10) .. '\\255\\255' .. ip\n"
	"end\n"
	"if string.sub(v, 2, 8) .. ip ~= ARGV[5] then return 0 end\n"
	"redis.call('HDEL', KEYS[1], ARGV[1])\n"
	"local epoch = struct.unpack('<I4', string.sub(v, 5, 8))\n"
	"if epoch ~= 0 then\n"
	"  local holder = string.format('bus:hbbs:%08x', epoch)\n"
	"  redis.call('HSET', KEYS[2], ARGV[2], v)\n"
	"  redis.call('PUBLISH', holder, ARGV[3])\n"
	"  redis.call('PUBLISH', holder, ARGV[4])\n"
	"end\n"
	"return 1\n";

const char script_locals[] =
	"local now = tonumber(redis.call('TIME')[1])\n"
	"local max, keep = tonumber(ARGV[1]), tonumber(ARGV[2])\n"
	"local function free_number()\n"
	"  local taken = {}\n"
	"  for _, n in ipairs(redis.call('HVALS', KEYS[1])) do\n"
	"    taken[tonumber(n)] = true\n"
	"  end\n"
	"  for n = 1, max do\n"
	"    if not taken[n] then return n end\n"
	"  end\n"
	"  local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf',\n"
	"    now - keep, 'LIMIT', 0, 1)[1]\n"
	"  if not old then return nil end\n"
	"  local n = redis.call('HGET', KEYS[1], old)\n"
	"  redis.call('HDEL', KEYS[1], old)\n"
	"  redis.call('ZREM', KEYS[2], old)\n"
	"  return n\n"
	"end\n"
	"for i = 3, #ARGV do\n"
	"  local n = redis.call('HGET', KEYS[1], ARGV[i])\n"
	"  if not n then\n"
	"    n = free_number()\n"
	"    if n then redis.call('HSET', KEYS[1], ARGV[i], n) end\n"
	"  end\n"
	"  if n then redis.call('ZADD', KEYS[2], now, ARGV[i]) end\n"
	"end\n"
	"return redis.call('HGETALL', KEYS[1])\n";

const char script_ticket[] =
	"local old = redis.call('GET', KEYS[1])\n"
	"local n = tonumber(ARGV[2])\n"
	"if old and string.sub(old, 1, n) ~= string.sub(ARGV[1], 1, n) then\n"
	"  return 0\n"
	"end\n"
	"redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])\n"
	"return 1\n";

const char script_conn_ref[] =
	"redis.call('HSET', KEYS[1], 'user', ARGV[1], 'name', ARGV[2],\n"
	"  'peer', '', 'ip', ARGV[3], 'target', ARGV[4], 'pk', ARGV[6])\n"
	"return redis.call('EXPIRE', KEYS[1], ARGV[5])\n";

const char script_settings[] =
	"return {redis.call('HGET', 'policy:settings', 'row'),\n"
	"        redis.call('GET', 'policy:rev')}\n";
