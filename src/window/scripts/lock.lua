-- Takes a lock, or says who holds it.
--
-- KEYS[1] lock: the holder; expires
-- ARGV[1] holder   ARGV[2] life, ms
-- Returns {holder, ms until it expires}, as it stands afterwards.
--
-- Laws: a lock that is free, or ours, is ours for the whole life; one that is another's is not touched.

if #KEYS ~= 1 or #ARGV ~= 2 or not tonumber(ARGV[2]) then return redis.error_reply('ERR lock: malformed call') end
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return { holder, redis.call('PTTL', KEYS[1]) } end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { ARGV[1], tonumber(ARGV[2]) }
