-- Reads what is stored of the judging of one check, at one instant.
--
-- KEYS[1] head and KEYS[2] transitions: see commit.lua
-- Returns {epoch, cursor, transition, transition ...} by time, or {} when it was never judged.
--
-- Laws: writes nothing.

local head = redis.call('HMGET', KEYS[1], 'epoch', 'cursor')
if not head[1] then return {} end
local answer = redis.call('ZRANGE', KEYS[2], 0, -1)
table.insert(answer, 1, head[1])
table.insert(answer, 2, head[2])
return answer
