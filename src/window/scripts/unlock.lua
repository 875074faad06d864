-- Lets go of a lock.
--
-- KEYS[1] lock: see lock.lua
-- ARGV[1] holder
-- Returns 1 when it was ours and is free now, else 0.
--
-- Laws: idempotent; the lock of another is not touched.

if #KEYS ~= 1 or #ARGV ~= 1 then return redis.error_reply('ERR unlock: malformed call') end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
