-- Reads a chunk of the history.
--
-- KEYS  1 chunks
-- ARGV  1 its name   2 longest that is answered, bytes
--
-- Answers  the chunk; '' when it is not there or too long

if redis.call('TYPE', KEYS[1])['ok'] ~= 'hash' then return '' end
if redis.call('HSTRLEN', KEYS[1], ARGV[1]) > tonumber(ARGV[2]) then return '' end
return redis.call('HGET', KEYS[1], ARGV[1]) or ''
