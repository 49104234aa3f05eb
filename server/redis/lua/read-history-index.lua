-- Reads which chunks of the history there are.
--
-- KEYS  1 chunks   2 their digests
-- ARGV  1 how many there can be
--
-- Answers  {name, digest, …}   of every chunk; {} when there are none, or more than nodes write, or when chunks are missing,
--          as after one of the two hashes was evicted

local function length(key)
  return redis.call('TYPE', key)['ok'] == 'hash' and redis.call('HLEN', key) or 0
end

local chunks, digests = length(KEYS[1]), length(KEYS[2])
if digests == 0 or chunks < digests or chunks > tonumber(ARGV[1]) then return {} end
return redis.call('HGETALL', KEYS[2])
