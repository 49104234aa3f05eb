-- Writes parts of the history, removes others, and lets all of it live on.
--
-- KEYS  1 parts   2 their digests
-- ARGV  1 time to live of both, s   2 how many parts there can be   3 how many are written
--       3 for each of those:  name   digest   part
--       the names of those that are removed
--
-- A node that no longer leads may write late: its digests are not those that the leader knows, who then joins the part
-- with its own and writes it again.
--
-- Answers  1

local function length(key)
  return redis.call('TYPE', key)['ok'] == 'hash' and redis.call('HLEN', key) or 0
end

-- What is of another type, has parts missing or too many of them was not left so by a node: nothing of it is read.
local parts, digests = length(KEYS[1]), length(KEYS[2])
if digests == 0 or parts < digests or parts > tonumber(ARGV[2]) then
  redis.call('DEL', KEYS[1], KEYS[2])
end

local last = 3 + 3 * tonumber(ARGV[3])
for i = 4, last, 3 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
for i = last + 1, #ARGV do
  redis.call('HDEL', KEYS[1], ARGV[i])
  redis.call('HDEL', KEYS[2], ARGV[i])
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
return 1
