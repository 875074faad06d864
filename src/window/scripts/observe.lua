-- Records what vantages saw of one check, and what of it changed.
--
-- KEYS[1] changes: hash of one check and interval. first, last: slots ever seen. rev: number of the page list.
--                  seq: number of the last change; field n mod ring holds change n as "<first slot>-<last slot>"
-- KEYS[2] pages:   hash, its fields are the pages that there are: "<page>.<vantage>"
-- KEYS[3] head:    hash of the judgement of the check: epoch, cursor, expected, late, lateId
-- KEYS[4...]       a page where all runs are good: bitmap seen; any other page: bitmaps seen, bad, excluded, and
--                  why: hash of slot -> "<b|x>|<cause>|<evidence>". Slots count from the start of the page. A page of
--                  which few slots are not good, none of them both, has neither bad nor excluded: its marks tell
-- ARGV[1] interval, ms   ARGV[2] ring   ARGV[3] seconds that the keys of a page live   ARGV[4] slots of a page
-- ARGV[5...]       for each page: name, g when all runs are good and m when not, number of runs;
--                  for each run: first slot, slot after the last; and where not all are good: g|b|x, cause, evidence
-- With no page: ARGV[5] first and ARGV[6] last slot that is taken into the range ever seen.
-- Returns the number of slots that changed.
--
-- Laws: idempotent and commutative: bits are only ever set, and of two marks on a slot excluded stands over bad,
-- then the cause, then the evidence that sorts first by bytes. A change behind the judge's cursor is noted in
-- head.late (ms, the earliest) under a new head.lateId. Everything is checked before the first write.

local interval, ring, life, slots = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if not (interval and ring and life and slots) or #KEYS < 3 then
  return redis.error_reply('ERR window observe: malformed call')
end

local function note_late(slot)
  local cursor, instant = tonumber(redis.call('HGET', KEYS[3], 'cursor')), slot * interval
  if not cursor or instant >= cursor then return end
  local late = math.min(instant, tonumber(redis.call('HGET', KEYS[3], 'late')) or math.huge)
  redis.call('HSET', KEYS[3], 'late', string.format('%.0f', late))
  redis.call('HINCRBY', KEYS[3], 'lateId', 1)
end

-- One good slot of a page that is there: what nearly every call is, at a third less than below. Anything else, and
-- anything malformed, is for what follows; nothing was written then.
if #ARGV == 9 and #KEYS == 4 and ARGV[6] == 'g' and ARGV[7] == '1' then
  local slot = tonumber(ARGV[8])
  local bit = slot and slot % slots
  local is_whole = bit and tonumber(ARGV[9]) == slot + 1
    and ARGV[5]:find(string.format('%.0f.', (slot - bit) / slots), 1, true) == 1
  local known = is_whole and redis.call('HMGET', KEYS[1], 'seq', 'first', 'last')
  if known and known[1] and known[2] and known[3] and redis.call('EXISTS', KEYS[4]) == 1 then
    if redis.call('SETBIT', KEYS[4], bit, 1) == 1 then return 0 end
    local seq, change = tonumber(known[1]) + 1, ARGV[8] .. '-' .. ARGV[8]
    if slot > tonumber(known[3]) then
      redis.call('HSET', KEYS[1], 'last', ARGV[8], 'seq', seq, seq % ring, change)
    elseif slot < tonumber(known[2]) then
      redis.call('HSET', KEYS[1], 'first', ARGV[8], 'seq', seq, seq % ring, change)
    else
      redis.call('HSET', KEYS[1], 'seq', seq, seq % ring, change)
    end
    note_late(slot)
    return 1
  end
end

local function byte_order(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local function stands(old, new)
  local old_outcome, old_cause, old_evidence = old:match('^(%a)|([^|]*)|(.*)$')
  local new_outcome, new_cause, new_evidence = new:match('^(%a)|([^|]*)|(.*)$')
  if old_outcome ~= new_outcome then return new_outcome == 'x' end
  if old_cause ~= new_cause then return byte_order(new_cause, old_cause) end
  if old_evidence == '' or new_evidence == '' then return old_evidence == '' and new_evidence ~= '' end
  return byte_order(new_evidence, old_evidence)
end

-- Marks of a page at the most that has no bitmaps of them: a bitmap takes as much as so many.
local FEW = 32

local pages, at, key, first, last = {}, 5, 4, math.huge, -math.huge
while KEYS[key] do
  local name, is_good, count = ARGV[at], ARGV[at + 1] == 'g', tonumber(ARGV[at + 2])
  local number = tonumber((name or ''):match('^(-?%d+)%.'))
  if not number or not count or count < 1 then return redis.error_reply('ERR window observe: malformed page') end
  local step = is_good and 2 or 5
  local page = { name = name, base = number * slots, key = key, from = at + 3, to = at + 2 + count * step, step = step }
  for r = page.from, page.to, step do
    local from, to, outcome = tonumber(ARGV[r]), tonumber(ARGV[r + 1]), is_good and 'g' or ARGV[r + 2]
    if not (from and to and from >= page.base and from < to and to <= page.base + slots)
      or not (is_good or ARGV[r + 4]) or not (outcome == 'g' or outcome == 'b' or outcome == 'x') then
      return redis.error_reply('ERR window observe: malformed run')
    end
    first, last = math.min(first, from), math.max(last, to - 1)
  end
  pages[#pages + 1] = page
  at = page.to + 1
  key = key + (is_good and 1 or 4)
end
if #pages == 0 then
  first, last = tonumber(ARGV[5]), tonumber(ARGV[6])
  if not (first and last) then return redis.error_reply('ERR window observe: nothing to record') end
  at = 7
end
if at ~= #ARGV + 1 or key ~= #KEYS + 1 then return redis.error_reply('ERR window observe: arguments left over') end

local known = redis.call('HMGET', KEYS[1], 'seq', 'first', 'last', 'rev')
local seq, rev = tonumber(known[1]) or 0, tonumber(known[4]) or 0
local low, high, changed, made = nil, nil, 0, 0

local function presized(key)
  if redis.call('EXISTS', key) == 1 then return false end
  redis.call('SETBIT', key, slots - 1, 0)
  redis.call('EXPIRE', key, life)
  return true
end

local function from_marks(bitmaps, why)
  local marks = redis.call('HGETALL', why)
  for i = 1, #marks, 2 do
    local bitmap = bitmaps[marks[i + 1]:sub(1, 1)]
    presized(bitmap)
    redis.call('SETBIT', bitmap, marks[i], 1)
  end
end

for _, page in ipairs(pages) do
  local seen, why, is_good = KEYS[page.key], KEYS[page.key + 3], page.step == 2
  local bitmaps = { b = KEYS[page.key + 1], x = KEYS[page.key + 2] }
  local by_marks = not is_good and redis.call('EXISTS', bitmaps.b, bitmaps.x) == 0
  if presized(seen) then
    redis.call('HSET', KEYS[2], page.name, 1)
    made = made + 1
  end
  for r = page.from, page.to, page.step do
    local outcome, cause = is_good and 'g' or ARGV[r + 2], ARGV[r + 3]
    local worse = not is_good and bitmaps[outcome]
    local from, to = tonumber(ARGV[r]) - page.base, tonumber(ARGV[r + 1]) - page.base
    if worse and by_marks and (cause == '' or redis.call('HLEN', why) + to - from > FEW) then
      from_marks(bitmaps, why)
      by_marks = false
    end
    if worse and not by_marks then presized(worse) end
    for slot = from, to - 1 do
      local was = redis.call('SETBIT', seen, slot, 1)
      local old = worse and cause ~= '' and redis.call('HGET', why, slot)
      if by_marks and old and old:sub(1, 1) ~= outcome then
        from_marks(bitmaps, why)
        by_marks = false
        presized(worse)
      end
      if worse and by_marks and not old then was = 0 end
      if worse and not by_marks and redis.call('SETBIT', worse, slot, 1) == 0 then was = 0 end
      if was == 0 then
        changed = changed + 1
        low = math.min(low or math.huge, page.base + slot)
        high = math.max(high or -math.huge, page.base + slot)
      end
      if worse and cause ~= '' then
        local mark = outcome .. '|' .. cause .. '|' .. ARGV[r + 4]
        if not old or stands(old, mark) then
          redis.call('HSET', why, slot, mark)
          if not old and redis.call('HLEN', why) == 1 then redis.call('EXPIRE', why, life) end
        end
      end
    end
  end
end

local facts = {}
local function note(field, value)
  facts[#facts + 1] = field
  facts[#facts + 1] = value
end
if first < (tonumber(known[2]) or math.huge) then note('first', string.format('%.0f', first)) end
if last > (tonumber(known[3]) or -math.huge) then note('last', string.format('%.0f', last)) end
if made > 0 then note('rev', rev + made) end
if changed > 0 then
  note('seq', seq + 1)
  note((seq + 1) % ring, string.format('%.0f-%.0f', low, high))
end
if #facts > 0 then redis.call('HSET', KEYS[1], unpack(facts)) end

if changed > 0 then note_late(low) end
return changed
