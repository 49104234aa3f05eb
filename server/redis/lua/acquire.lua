-- Takes the lease and begins a term.
--
-- KEYS  1 lease   2 term   3 document
-- ARGV  1 token               2 the lease's length, ms   3 this node's clock, ms since 1970
--       4 highest epoch seen  5 addition, 1 to 65536     6 longest document that is answered, bytes
--       7 highest epoch that is believed now
--
-- Taken when the lease is free, or when it already holds this token: the answer to an earlier try may have been lost.
-- Only `term` moves; the stored document and its position stay as they are until the first save.
--
-- Answers  {1, epoch, stored epoch, stored seq, document}   taken; the last three are '' when nothing is stored
--          {0, remaining ms}                                held by another

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
  return value <= tonumber(ARGV[7]) and value or 0
end

if is(KEYS[1], 'string') then
  local holder = redis.call('GET', KEYS[1])
  local remaining = redis.call('PTTL', KEYS[1])
  -- A lease without an end, or with one more than a minute away, was not written by a node: none may ask for as much.
  if holder ~= ARGV[1] and remaining >= 0 and remaining <= 60000 then return { 0, remaining } end
end

-- What has another type under our key is not ours.
if not is(KEYS[2], 'hash') then redis.call('DEL', KEYS[2]) end

local known = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'term')
local epoch = math.max(
  epochIn(known[1]), epochIn(known[3]), tonumber(ARGV[4]), tonumber(ARGV[3])
) + tonumber(ARGV[5])
-- 13 digits: exact in a double; the format keeps the exponent away.
local written = string.format('%.0f', epoch)
redis.call('HSET', KEYS[2], 'term', written)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])

local isStored = known[1] and known[2] and is(KEYS[3], 'string')
if not isStored or redis.call('STRLEN', KEYS[3]) > tonumber(ARGV[6]) then
  return { 1, written, '', '', '' }
end
return { 1, written, known[1], known[2], redis.call('GET', KEYS[3]) }
