-- Lifts the term to a position that a node already holds, so that the next one begins above it: nobody is left behind
-- with a document that is newer than everything that follows.
--
-- KEYS  1 term   2 document
-- ARGV  1 epoch   2 seq   3 document, '' for none   4 its time to live, s
--
-- Needs no lease and publishes nothing. Where no document is stored, the node's own is, with its own position.
--
-- Answers  the term as it is now

if redis.call('TYPE', KEYS[1])['ok'] ~= 'hash' then redis.call('DEL', KEYS[1]) end
local term = tonumber(redis.call('HGET', KEYS[1], 'term')) or 0
if tonumber(ARGV[1]) > term then term = tonumber(ARGV[1]) end
local written = string.format('%.0f', term)

if ARGV[3] ~= '' and redis.call('TYPE', KEYS[2])['ok'] == 'none' then
  redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'seq', ARGV[2])
end
-- Written even when it stays the same: whoever asks learns that Redis can be written to.
redis.call('HSET', KEYS[1], 'term', written)
return written
