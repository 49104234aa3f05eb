-- Takes note of calls to upstreams and of the pauses they asked for.
--
-- KEYS  4 for each upstream:  pause   calls of the day   calls of the month   calls of the last minute
-- ARGV  1 time to live of a day's count, ms   2 of a month's   3 of a minute's   4 longest pause, ms
--       3 for each upstream:  how much longer nobody is to call it, ms, 0 for not at all   calls to be added   calls of
--       the last minute, those that were noted before included
--
-- A pause is held as time that remains, so that nodes whose clocks differ agree on it, and is never shortened; one
-- beyond the longest was not written by a node.
--
-- Answers  1

-- What another program may have put there counts as nothing.
local function count(key, calls, ttl)
  local before = 0
  if redis.call('TYPE', key)['ok'] == 'string' then before = tonumber(redis.call('GET', key)) or 0 end
  redis.call('SET', key, string.format('%.0f', before + calls), 'PX', ttl)
end

for i = 1, #KEYS / 4 do
  local pause, day, month, minute = KEYS[4 * i - 3], KEYS[4 * i - 2], KEYS[4 * i - 1], KEYS[4 * i]
  local pauseMs, calls, lastMinute = ARGV[3 * i + 2], tonumber(ARGV[3 * i + 3]), ARGV[3 * i + 4]
  local noted = redis.call('PTTL', pause)
  if noted > tonumber(ARGV[4]) then noted = 0 end
  if tonumber(pauseMs) > math.max(0, noted) then
    redis.call('SET', pause, '1', 'PX', pauseMs)
  end
  if calls > 0 then
    count(day, calls, ARGV[1])
    count(month, calls, ARGV[2])
    redis.call('SET', minute, lastMinute, 'PX', ARGV[3])
  end
end
return 1
