-- Raises a whole number among the facts.
--
-- KEYS[1] facts: hash by name
-- ARGV[1] name   ARGV[2] least value   ARGV[3] step
-- Returns the value afterwards: the larger of what is there and the least, and the step more.
--
-- Laws: the value never falls; with a step of 1 no value is returned twice.

if #KEYS ~= 1 or #ARGV ~= 3 or not tonumber(ARGV[2]) or not tonumber(ARGV[3]) then
  return redis.error_reply('ERR raise: malformed call')
end
local known = tonumber(redis.call('HGET', KEYS[1], ARGV[1])) or 0
local value = string.format('%.0f', math.max(known, tonumber(ARGV[2])) + tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], ARGV[1], value)
return value
