-- Stores one judgement of one check, or says why not.
--
-- KEYS[1] head: hash: epoch, cursor (ms), expected (ms or ""): of the last commit; late (ms), lateId: see observe.lua;
--                revised: number of commits that reached back behind the cursor
-- KEYS[2] transitions: sorted set by instant (ms) of "<ms>|<U|D|X|?>|<0|1 contested>|<cause,cause>"
-- KEYS[3...]       changes (see observe.lua) of each interval under which the judge has read the check
-- ARGV[1] epoch   ARGV[2] expected cursor or ""   ARGV[3] cursor   ARGV[4] replaced from (ms)
-- ARGV[5] lateId that the judge has taken, or ""   ARGV[6] earliest change (ms) that it knows it did not read, or ""
-- ARGV[7] ring     ARGV[8] number of transitions
-- ARGV[9...]       for each of KEYS[3...]: interval (ms), number of the last change that the judge has read
-- then             the transitions, each as its instant (ms) and the member
-- Returns committed | repeated | fenced | stale.
--
-- Laws: an older epoch is fenced; the very commit stored last is repeated and changes nothing; a cursor that is not
-- the expected one is stale. A commit is applied whole. Changes behind the new cursor that the judge has not read
-- become late; the late mark that it had taken is gone once a commit reaches back to it, and not before.

local series = #KEYS - 2
local count = tonumber(ARGV[8])
if series < 0 or not count or #ARGV ~= 8 + series * 2 + count * 2 then
  return redis.error_reply('ERR window commit: malformed call')
end
for i = 1, #ARGV do
  local number = i ~= 2 and i ~= 5 and i ~= 6 and (i <= 8 + series * 2 or (i - series * 2) % 2 == 1)
  if number and not tonumber(ARGV[i]) then return redis.error_reply('ERR window commit: not a number') end
end

local epoch, expected, cursor, from = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local head = redis.call('HMGET', KEYS[1], 'epoch', 'cursor', 'expected', 'late', 'lateId')
if head[1] and tonumber(epoch) < tonumber(head[1]) then return 'fenced' end

local function is_stored()
  if epoch ~= head[1] or cursor ~= head[2] or expected ~= head[3] then return false end
  local stored = redis.call('ZRANGEBYSCORE', KEYS[2], from, '+inf')
  if #stored ~= count then return false end
  for i = 1, count do
    if stored[i] ~= ARGV[8 + series * 2 + i * 2] then return false end
  end
  return true
end
if is_stored() then return 'repeated' end
if (head[2] or '') ~= expected then return 'stale' end

redis.call('ZREMRANGEBYSCORE', KEYS[2], from, '+inf')
for i = 1, count do
  local at = 8 + series * 2 + i * 2
  redis.call('ZADD', KEYS[2], ARGV[at - 1], ARGV[at])
end
redis.call('HSET', KEYS[1], 'epoch', epoch, 'cursor', cursor, 'expected', expected)

local reached = tonumber(expected)
if reached and (from == '-inf' or tonumber(from) < reached) then redis.call('HINCRBY', KEYS[1], 'revised', 1) end

local late, missed = tonumber(head[4]), tonumber(ARGV[6])
if late and ARGV[5] == head[5] and tonumber(from) <= late then
  redis.call('HDEL', KEYS[1], 'late')
  late = nil
end
local function miss(instant)
  if instant < (missed or math.huge) then missed = instant end
end
local ring = tonumber(ARGV[7])
for s = 1, series do
  local interval, read = tonumber(ARGV[7 + s * 2]), tonumber(ARGV[8 + s * 2])
  local seq = tonumber(redis.call('HGET', KEYS[2 + s], 'seq')) or 0
  if seq - read > ring then miss(tonumber(expected) or tonumber(from)) end
  for n = math.max(read + 1, seq - ring + 1), seq do
    local first = redis.call('HGET', KEYS[2 + s], n % ring):match('^(-?%d+)-')
    miss(tonumber(first) * interval)
  end
end
if missed and missed < tonumber(cursor) then
  local id = (tonumber(head[5]) or 0) + 1
  redis.call('HSET', KEYS[1], 'late', string.format('%.0f', math.min(missed, late or math.huge)), 'lateId', id)
end
return 'committed'
