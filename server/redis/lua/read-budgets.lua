-- Reads what is noted of upstreams.
--
-- KEYS  3 for each upstream:  pause   calls of the day   calls of the month
--
-- Answers  3 for each upstream:  how much longer nobody is to call it, ms, 0 for not at all   calls of the day, '' for
--          none   calls of the month, '' for none
local function text(key)
  if redis.call('TYPE', key)['ok'] ~= 'string' then return '' end
  return redis.call('GET', key)
end

local answer = {}
for i = 1, #KEYS, 3 do
  -- A pause without an end was not written by a node.
  answer[i] = math.max(0, redis.call('PTTL', KEYS[i]))
  answer[i + 1] = text(KEYS[i + 1])
  answer[i + 2] = text(KEYS[i + 2])
end
return answer
