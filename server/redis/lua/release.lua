-- Gives the lease up and says so to all nodes.
--
-- KEYS  1 lease   2 term
-- ARGV  1 token   2 epoch   3 channel   4 message
--
-- Answers  1   given up
--          0   it was not held by this token, or a later term was given out: one that comes late must not end a term
--              that the same node has begun since

local function is(key, wanted)
  return redis.call('TYPE', key)['ok'] == wanted
end

if not is(KEYS[1], 'string') or redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if not is(KEYS[2], 'hash') or redis.call('HGET', KEYS[2], 'term') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
