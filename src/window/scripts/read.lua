-- Reads slots of one check, with all that is not good in them, at one instant.
--
-- KEYS[1] changes and KEYS[2] pages: see observe.lua
-- KEYS[3...]       four keys a page, as in observe.lua
-- ARGV[1] rev of the page list that the caller knows   ARGV[2] ring   ARGV[3] number of the last change it knows, or ""
-- ARGV[4...]       for each page: first and last byte of its bitmaps (inclusive)
-- Returns {0, rev, names of all pages} when the page list is another; else
-- {1, rev, seq, changes after ARGV[3] that are still known, page, page ...} with
-- page = {seen, bad, excluded, {slot, mark, slot, mark ...}}; the slots count from the start of the page. What has a
-- mark and no bit is as the mark says.
--
-- Laws: writes nothing. Bits and marks of one page are of the same instant.

local ring, since = tonumber(ARGV[2]), tonumber(ARGV[3])
if not ring or #KEYS < 2 or (#KEYS - 2) % 4 ~= 0 or #ARGV ~= 3 + (#KEYS - 2) / 2 then
  return redis.error_reply('ERR window read: malformed call')
end

local known = redis.call('HMGET', KEYS[1], 'seq', 'rev')
local seq, rev = tonumber(known[1]) or 0, tonumber(known[2]) or 0
if tostring(rev) ~= ARGV[1] then return { 0, rev, redis.call('HKEYS', KEYS[2]) } end

local changes = {}
if since and seq > since then
  local fields = {}
  for n = math.max(since + 1, seq - ring + 1), seq do fields[#fields + 1] = n % ring end
  changes = redis.call('HMGET', KEYS[1], unpack(fields))
end

local function marks(why, from, bitmaps)
  local fields, found = {}, {}
  local function fetch()
    if #fields == 0 then return end
    for i, mark in ipairs(redis.call('HMGET', why, unpack(fields))) do
      if mark then
        found[#found + 1] = fields[i]
        found[#found + 1] = mark
      end
    end
    fields = {}
  end
  for i = 1, math.max(#bitmaps[1], #bitmaps[2]) do
    local byte = bit.bor(bitmaps[1]:byte(i) or 0, bitmaps[2]:byte(i) or 0)
    if byte ~= 0 then
      for b = 0, 7 do
        if bit.band(byte, bit.rshift(0x80, b)) ~= 0 then fields[#fields + 1] = (from + i - 1) * 8 + b end
      end
      if #fields > 500 then fetch() end
    end
  end
  fetch()
  return found
end

-- As in observe.lua: marks that have no bits, which is so of this many at the most.
local FEW = 32

local function few_marks(why, from, to)
  local all, found = redis.call('HGETALL', why), {}
  for i = 1, #all, 2 do
    local slot = tonumber(all[i])
    if slot >= from * 8 and slot < (to + 1) * 8 then
      found[#found + 1] = slot
      found[#found + 1] = all[i + 1]
    end
  end
  return found
end

local answer = { 1, rev, seq, changes }
for p = 1, (#KEYS - 2) / 4 do
  local key, from, to = 4 * p - 1, ARGV[2 + 2 * p], ARGV[3 + 2 * p]
  local bits = {}
  for i = 0, 2 do bits[i + 1] = redis.call('GETRANGE', KEYS[key + i], from, to) end
  local why = KEYS[key + 3]
  local is_few = (bits[2] == '' and bits[3] == '') or redis.call('HLEN', why) <= FEW
  local found = is_few and few_marks(why, tonumber(from), tonumber(to)) or marks(why, tonumber(from), { bits[2], bits[3] })
  answer[4 + p] = { bits[1], bits[2], bits[3], found }
end
return answer
