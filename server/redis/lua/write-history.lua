-- Writes chunks of the history, removes others, and lets all of it live on.
--
-- KEYS  1 chunks   2 their digests
-- ARGV  1 time to live of both, s   2 how many chunks there can be   3 longest that is read, bytes   4 how many are written
--       4 for each of those:  name   digest of the one it replaces, '' = none   digest   chunk
--       the names of those that are removed
--
-- A chunk is replaced only by a writer that has its rows. Where another one lies, either a node that no longer leads wrote
-- late, and the leader joins what lies there first, or this is that late step.
--
-- Answers  {name, …}   of the chunks that were not written

local function length(key)
  return redis.call('TYPE', key)['ok'] == 'hash' and redis.call('HLEN', key) or 0
end

-- What is of another type, has chunks missing or too many of them was not left so by a node: nothing of it is read.
local chunks, digests = length(KEYS[1]), length(KEYS[2])
if digests == 0 or chunks < digests or chunks > tonumber(ARGV[2]) then
  redis.call('DEL', KEYS[1], KEYS[2])
end

-- The digest of what can be read under a name; false where nothing can.
local function there(name)
  local bytes = redis.call('HSTRLEN', KEYS[1], name)
  return bytes > 0 and bytes <= tonumber(ARGV[3]) and redis.call('HGET', KEYS[2], name)
end

local left = {}
local last = 4 + 4 * tonumber(ARGV[4])
for i = 5, last, 4 do
  local name, replaces, digest, chunk = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local lies = there(name)
  -- The same one: it was written before, and the answer was lost.
  if not lies or lies == replaces or lies == digest then
    redis.call('HSET', KEYS[1], name, chunk)
    redis.call('HSET', KEYS[2], name, digest)
  else
    left[#left + 1] = name
  end
end
for i = last + 1, #ARGV do
  redis.call('HDEL', KEYS[1], ARGV[i])
  redis.call('HDEL', KEYS[2], ARGV[i])
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
return left
