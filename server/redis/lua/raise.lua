-- Lifts the term to a position that a node already holds, so that the next one begins above it: nobody is left behind
-- with a document that is newer than everything that follows.
--
-- KEYS  1 term   2 document
-- ARGV  1 epoch   2 seq   3 document, '' for none   4 its time to live, s
--       5 highest epoch that is believed now
--
-- Needs no lease and publishes nothing. Where no document is stored, or one that has no position, the node's own is, with
-- its own position, unless a later one was: the position never goes back.
--
-- Answers  the term as it is now

-- What is no whole number, or one with more digits than are exact, was not written by a node.
local function number(text)
  return text and text:match('^%d+$') and #text <= 15 and tonumber(text) or 0
end

-- Nor was an epoch that is further ahead of the clock than any can be.
local function epochIn(text)
  local value = number(text)
  return value <= tonumber(ARGV[5]) and value or 0
end

if redis.call('TYPE', KEYS[1])['ok'] ~= 'hash' then redis.call('DEL', KEYS[1]) end
local known = redis.call('HMGET', KEYS[1], 'term', 'epoch', 'seq')
local term, epoch, seq = epochIn(known[1]), epochIn(known[2]), number(known[3])
local ownEpoch, ownSeq = tonumber(ARGV[1]), tonumber(ARGV[2])

local isBehind = ownEpoch < epoch or (ownEpoch == epoch and ownSeq < seq)
-- A node writes a document and its position together.
local isMissing = redis.call('TYPE', KEYS[2])['ok'] == 'none' or epoch == 0 or seq == 0
if ARGV[3] ~= '' and not isBehind and isMissing then
  redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'seq', ARGV[2])
end
-- Written even when it stays the same: whoever asks learns that Redis can be written to.
local written = string.format('%.0f', math.max(term, ownEpoch))
redis.call('HSET', KEYS[1], 'term', written)
return written
