-- The address books that have entries of some devices. ARGV how many books are
-- looked at, the oldest first; the id that is kept, the ids that go. Answers for
-- each book with one that goes: its guid, how full its bin is, the entry of each
-- id ('' where there is none).
local out = {}
for _, book in ipairs(redis.call('ZRANGE', 'api:book:order', 0, ARGV[1] - 1)) do
  local row, some = {}, false
  for i = 2, #ARGV do
    row[i - 1] = redis.call('HGET', 'api:book:peers:' .. book, ARGV[i]) or ''
    some = some or (i > 2 and row[i - 1] ~= '')
  end
  if some then
    out[#out + 1] = book
    out[#out + 1] = redis.call('HLEN', 'api:book:bin:' .. book)
    for _, entry in ipairs(row) do out[#out + 1] = entry end
  end
end
return out
