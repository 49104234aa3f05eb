-- Reads what is noted of upstreams.
--
-- KEYS  4 for each upstream:  pause   calls of the day   calls of the month   calls of the last minute
--
-- Answers  5 for each upstream:  how much longer nobody is to call it, ms, 0 for not at all   calls of the day, '' for
--          none   calls of the month, '' for none   calls of the last minute, '' for none   how much longer those count, ms
local function text(key)
  if redis.call('TYPE', key)['ok'] ~= 'string' then return '' end
  return redis.call('GET', key)
end

-- What has no end was not written by a node.
local function remaining(key)
  return math.max(0, redis.call('PTTL', key))
end

local answer = {}
for i = 1, #KEYS, 4 do
  answer[#answer + 1] = remaining(KEYS[i])
  answer[#answer + 1] = text(KEYS[i + 1])
  answer[#answer + 1] = text(KEYS[i + 2])
  answer[#answer + 1] = text(KEYS[i + 3])
  answer[#answer + 1] = remaining(KEYS[i + 3])
end
return answer
