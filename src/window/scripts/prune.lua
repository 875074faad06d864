-- Drops pages of one check and interval, and old transitions of the check.
--
-- KEYS[1] changes and KEYS[2] pages: see observe.lua   KEYS[3] transitions: see commit.lua
-- KEYS[4...]       four keys a page, as in observe.lua
-- ARGV[1] transitions before this instant (ms) go, but the one in force at it
-- ARGV[2...]       the names of the pages
-- Returns the number of pages and transitions that were dropped.
--
-- Laws: idempotent. What was ever seen (first, last) is kept.

if #KEYS < 3 or #ARGV ~= 1 + (#KEYS - 3) / 4 or not tonumber(ARGV[1]) then
  return redis.error_reply('ERR window prune: malformed call')
end

local dropped = 0
for p = 1, (#KEYS - 3) / 4 do
  redis.call('UNLINK', KEYS[4 * p], KEYS[4 * p + 1], KEYS[4 * p + 2], KEYS[4 * p + 3])
  dropped = dropped + redis.call('HDEL', KEYS[2], ARGV[1 + p])
end
if dropped > 0 then redis.call('HINCRBY', KEYS[1], 'rev', 1) end

local in_force = redis.call('ZREVRANGEBYSCORE', KEYS[3], ARGV[1], '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
if in_force[2] then dropped = dropped + redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. in_force[2]) end
return dropped
