-- Stores a version and tells all nodes.
--
-- KEYS  1 lease   2 term   3 document
-- ARGV  1 token   2 epoch   3 seq   4 document   5 its time to live, s   6 channel   7 message
--       8 highest epoch that is believed now
--
-- Answers  'ok'           stored and published
--          'not_leader'   the lease is not held by this token, or a later term was given out
--          'behind'       what is stored is this version or a later one

local function is(key, wanted)
  return redis.call('TYPE', key)['ok'] == wanted
end

-- What is no whole number, or one with more digits than are exact, was not written by a node.
local function number(text)
  return text and text:match('^%d+$') and #text <= 15 and tonumber(text) or 0
end

-- Nor was an epoch that is further ahead of the clock than any can be.
local function epochIn(text)
  local value = number(text)
  return value <= tonumber(ARGV[8]) and value or 0
end

if not is(KEYS[1], 'string') or redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'not_leader' end
if not is(KEYS[2], 'hash') then return 'not_leader' end
local known = redis.call('HMGET', KEYS[2], 'term', 'epoch', 'seq')
if known[1] ~= ARGV[2] then return 'not_leader' end

local epoch, seq = epochIn(known[2]), number(known[3])
local newEpoch, newSeq = tonumber(ARGV[2]), tonumber(ARGV[3])
if epoch > newEpoch or (epoch == newEpoch and seq >= newSeq) then return 'behind' end

-- The document first: should memory not suffice for it, its position must not have moved.
redis.call('SET', KEYS[3], ARGV[4], 'EX', ARGV[5])
redis.call('HSET', KEYS[2], 'epoch', ARGV[2], 'seq', ARGV[3])
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 'ok'
