-- Writes the stored document again: it may not run out while there is a leader, and what was put in its place goes.
--
-- KEYS  1 lease   2 term   3 document
-- ARGV  1 token   2 epoch   3 seq   4 document   5 its time to live, s
--
-- Answers  1   written
--          0   the lease is not held by this token, or the stored position is another one

local function is(key, wanted)
  return redis.call('TYPE', key)['ok'] == wanted
end

if not is(KEYS[1], 'string') or redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if not is(KEYS[2], 'hash') then return 0 end
local known = redis.call('HMGET', KEYS[2], 'epoch', 'seq')
if known[1] ~= ARGV[2] or known[2] ~= ARGV[3] then return 0 end

redis.call('SET', KEYS[3], ARGV[4], 'EX', ARGV[5])
return 1
