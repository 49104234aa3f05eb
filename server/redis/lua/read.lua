-- Reads the document together with its position.
--
-- KEYS  1 term   2 document
-- ARGV  1 longest document that is answered, bytes
--
-- Answers  {term, epoch, seq, document}   '' for each that is not there; the document also when it is too long

local function is(key, wanted)
  return redis.call('TYPE', key)['ok'] == wanted
end

local known = { false, false, false }
if is(KEYS[1], 'hash') then known = redis.call('HMGET', KEYS[1], 'term', 'epoch', 'seq') end
local document = ''
if is(KEYS[2], 'string') and redis.call('STRLEN', KEYS[2]) <= tonumber(ARGV[1]) then
  document = redis.call('GET', KEYS[2])
end
return { known[1] or '', known[2] or '', known[3] or '', document }
