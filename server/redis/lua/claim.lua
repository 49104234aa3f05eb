-- Claims the right to ring for a round: one per interval among all nodes.
--
-- KEYS  1 refresh
-- ARGV  1 the interval, ms
--
-- Answers  0              granted; the interval begins
--          remaining ms   of the interval that runs

local remaining = redis.call('PTTL', KEYS[1])
-- Without an end it was not written by a node.
if remaining > 0 then return remaining end
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return 0
