import { until } from '../until.ts';
import type { FaultStage } from './fault-stage.ts';
import { type Besides, redisFault, threeNodes } from './redis-fault.ts';
import { testFaults } from './test-faults.ts';

/** A renewal sees it, and it is put right: a third of the lease, and the way; the limit is for a machine that is busy. */
const BY_RENEWAL = { targetMs: 2000, limitMs: 6000 };
/** What only a save meets is put right by the next one. */
const BY_SAVE = { targetMs: 11_000, limitMs: 15_000 };
/** Rounds so far apart that it is not the next save that puts right what a renewal should. */
const RARE_ROUNDS = { FETCH_INTERVAL_SECONDS: '10' };
const AND_BACK = 'nodes made to read it; put right by the next renewal';

/** What the Lua here calls the nodes' keys. */
const NAMES = 'local document, term, lease, channel = unpack(KEYS)';

/** Ways to spoil keys: in one step, so that nothing comes between, and without a time to live, which is the worst. */
const WRONG_TYPES = [
  `redis.call('DEL', document) redis.call('LPUSH', document, 'x')`,
  `redis.call('DEL', document) redis.call('HSET', document, 'market_cap', '1')`,
  `redis.call('DEL', term) redis.call('SET', term, '1')`,
  `redis.call('DEL', lease) redis.call('SADD', lease, 'x')`,
];

const GARBAGE = [
  `redis.call('SET', document, '')`,
  `redis.call('SET', document, '\\255\\254\\0')`,
  `redis.call('SET', document, '{"market_cap":"much"')`,
  `redis.call('HSET', term, 'epoch', 'x', 'seq', '', 'term', '-1')`,
  `local most = string.rep('9', 15) redis.call('HSET', term, 'epoch', most, 'seq', most, 'term', most)`,
  `redis.call('SET', lease, 'somebody')`,
  `redis.call('PUBLISH', channel, '{"type":"another program')`,
];

const TOO_LONG = [
  `redis.call('SET', document, '{"market_cap":"' .. string.rep('x', 1500000) .. '"}')`,
  `redis.call('SET', document, string.rep('[', 5000000))`,
  `redis.call('HSET', term, 'epoch', string.rep('1', 1500000), 'term', string.rep('1', 1500000))`,
  `redis.call('SET', lease, string.rep('x', 1500000))`,
  `redis.call('PUBLISH', channel, '{"type":"another","text":"' .. string.rep('x', 3000000) .. '"}')`,
];

/** What the first version of the document had, and nothing else. */
const SEVEN_KEYS =
  '{"market_cap":2e12,"volume_24h":9e10,"btc_price_usd":1,"btc_change_24h":1.5,"fng_value":50,"rsi_14":50,' +
  '"last_updated":"2026-11-23T07:00:00Z"}';
const OLDER_SCHEMA = [`redis.call('SET', document, '${SEVEN_KEYS}')`];

/** At a position that is later than every save of the term: the nodes look at it, and the leader's saves are behind it. */
const LATER_POSITIONS = [
  `redis.call('HINCRBY', term, 'seq', 1000)`,
  `redis.call('HINCRBY', term, 'seq', 1000) redis.call('SET', document, '{"market_cap":"much"}')`,
  `redis.call('HSET', term, 'epoch', redis.call('HGET', term, 'term') + 1000)`,
];

/** Whether what lies under the keys is what nodes write, with a time to live where it needs one, and in a known term. */
const IS_RIGHT = `${NAMES}
local function is(key, wanted) return redis.call('TYPE', key)['ok'] == wanted end
local function ends(key) return redis.call('PTTL', key) > 0 end
local function number(field, digits)
  local text = redis.call('HGET', term, field) or ''
  return #text <= digits and text:match('^%d+$')
end
if not (is(document, 'string') and is(term, 'hash') and is(lease, 'string')) then return 0 end
if not (ends(document) and ends(lease)) or redis.call('STRLEN', lease) ~= 36 then return 0 end
local text = redis.call('GET', document)
if #text > 1000000 or text:sub(1, 14) ~= '{"market_cap":' or text:sub(-1) ~= '}' then return 0 end
if text:find('much', 1, true) or not text:find('"freshness"', 1, true) then return 0 end
return number('seq', 3) and number('epoch', 13) and number('epoch', 13) == number('term', 13) and 1 or 0`;

/** Spoils, one way after the other, each time when all is right; the nodes are made to read what lies there. */
async function spoil(
  { redis, keys, nodes }: FaultStage,
  ways: readonly string[],
  { targetMs, limitMs }: typeof BY_RENEWAL,
): Promise<Besides> {
  const names = [keys.document, keys.term, keys.lease, keys.updates];
  const run = (lua: string) => redis.command('EVAL', lua, String(names.length), ...names);
  const isRight = () =>
    until(
      () => run(IS_RIGHT),
      (answer) => answer === 1,
      2 * limitMs,
    );
  const spoilt: (readonly [number, number])[] = [];
  for (const way of ways) {
    await isRight();
    const from = performance.now();
    await run(`${NAMES} ${way}`);
    // A new connection is a reason to read.
    for (const { toRedis } of nodes) toRedis.killAll();
    await isRight();
    spoilt.push([from, performance.now()]);
  }
  const longest = Math.max(...spoilt.map(([from, to]) => to - from));
  return {
    measured: `put right ${spoilt.length} ×, ≤ ${longest.toFixed(0)} ms (target ${targetMs})`,
    pass: longest <= limitMs,
    spoilt,
  };
}

testFaults([
  redisFault({
    id: '5.9',
    what: `keys of another type: ${AND_BACK}`,
    stage: threeNodes({ environment: RARE_ROUNDS }),
    strike: (stage) => spoil(stage, WRONG_TYPES, BY_RENEWAL),
  }),
  redisFault({
    id: '5.10',
    what: `garbage in keys and on the channel: ${AND_BACK}`,
    stage: threeNodes({ environment: RARE_ROUNDS }),
    strike: (stage) => spoil(stage, GARBAGE, BY_RENEWAL),
  }),
  redisFault({
    id: '5.11',
    what: `an older schema, of seven keys, in the document’s key: ${AND_BACK}`,
    stage: threeNodes({ environment: RARE_ROUNDS }),
    strike: (stage) => spoil(stage, OLDER_SCHEMA, BY_RENEWAL),
  }),
  redisFault({
    id: '5.12',
    what: `more than a megabyte in keys and on the channel: ${AND_BACK}`,
    stage: threeNodes({ environment: RARE_ROUNDS }),
    strike: (stage) => spoil(stage, TOO_LONG, BY_RENEWAL),
  }),
  redisFault({
    id: '5.17',
    what: 'a position above every save, with and without garbage: put right by the next save',
    stage: threeNodes({ environment: RARE_ROUNDS }),
    strike: (stage) => spoil(stage, LATER_POSITIONS, BY_SAVE),
  }),
]);
