-- Renews the lease.
--
-- KEYS  1 lease   2 term   3 document
-- ARGV  1 token   2 epoch   3 the lease's length, ms
--
-- Written anew rather than prolonged: a full Redis refuses that as it refuses a save, and who cannot save must not lead.
--
-- Answers  {1, type, bytes, epoch, seq}   renewed; what lies under the document's key ('none' and 0 when nothing does)
--                                         and its position, '' where there is none
--          {0}                            not the leader: the lease is not held by this token, or a later term was
--                                         given out

local function is(key, wanted)
  return redis.call('TYPE', key)['ok'] == wanted
end

if not is(KEYS[1], 'string') or redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 0 } end
if not is(KEYS[2], 'hash') or redis.call('HGET', KEYS[2], 'term') ~= ARGV[2] then return { 0 } end

redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
local kind = redis.call('TYPE', KEYS[3])['ok']
local known = redis.call('HMGET', KEYS[2], 'epoch', 'seq')
return { 1, kind, kind == 'string' and redis.call('STRLEN', KEYS[3]) or 0, known[1] or '', known[2] or '' }
