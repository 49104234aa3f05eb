-- Claims the right to ring for a round: one per interval among all nodes.
--
-- KEYS  1 refresh
-- ARGV  1 the interval, ms   2 the claim's name
--
-- Answers  0              granted; the interval begins, or was begun by this very claim, whose answer was lost
--          remaining ms   of the interval that runs

local remaining = redis.call('PTTL', KEYS[1])
-- Without an end it was not written by a node.
if remaining > 0 then
  local isOwn = redis.call('TYPE', KEYS[1])['ok'] == 'string' and redis.call('GET', KEYS[1]) == ARGV[2]
  return isOwn and 0 or remaining
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
return 0
