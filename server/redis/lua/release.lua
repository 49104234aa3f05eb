-- Gives the lease up and says so to all nodes.
--
-- KEYS  1 lease
-- ARGV  1 token   2 channel   3 message
--
-- Answers  1   given up
--          0   it was not held by this token

if redis.call('TYPE', KEYS[1])['ok'] ~= 'string' or redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
