-- Appends entries to one ledger.
--
-- KEYS[1] lines: list of the entries in the order of writing   KEYS[2] keys: hash of an entry's key -> its sequence
-- ARGV             for each entry: key, line
-- Returns for each entry, in order, 1 if it was written and 0 if its key was there before.
--
-- Laws: idempotent by key; a written line is never touched again; all entries of a call are written, or none.

if #KEYS ~= 2 or #ARGV % 2 ~= 0 then return redis.error_reply('ERR ledger append: malformed call') end
local written = {}
for i = 1, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 1 then
    written[#written + 1] = 0
  else
    redis.call('HSET', KEYS[2], ARGV[i], redis.call('RPUSH', KEYS[1], ARGV[i + 1]))
    written[#written + 1] = 1
  end
end
return written
