/** The room that speaks Redis; here the steps, each a Lua script of its own. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Cluster } from 'ioredis';
import * as v from 'valibot';
import { isPosition } from '../../contract/index.ts';
import type { RedisClient } from './connect.ts';
import type { RedisKeys } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import { MAX_DOCUMENT_BYTES, type RedisSteps, type StoredJson } from './steps.ts';

/** How the steps are set up. */
export interface RedisStepsOptions {
  readonly keys: RedisKeys;
  /** This process, and no other ever: what the lease holds. */
  readonly token: string;
  /** Time to live of the document, s. */
  readonly snapshotTtlS: number;
}

const whole = v.pipe(v.number(), v.safeInteger());
const digits = v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number));
/** What another program may have written in place of a number counts as nothing. */
const digitsOr0 = v.pipe(
  v.string(),
  v.transform((text) => (/^\d{1,15}$/.test(text) ? Number(text) : 0)),
);
const ACQUIRED = v.union([
  v.tuple([v.literal(1), digits, digitsOr0, digitsOr0, v.string()]),
  v.tuple([v.literal(0), whole]),
]);
const RENEWED = v.union([v.tuple([v.literal(1), v.string(), whole]), v.tuple([v.literal(0)])]);
const SAVED = v.picklist(['ok', 'not_leader', 'behind']);
const READ = v.tuple([digitsOr0, digitsOr0, digitsOr0, v.string()]);

/** The steps over a link; see the duties on {@link RedisSteps}. */
export function createRedisSteps(
  link: Pick<RedisLink, 'run'>,
  { keys, token, snapshotTtlS }: RedisStepsOptions,
): RedisSteps {
  const { document, term, lease, refresh, updates } = keys;
  const call = (
    script: Script,
    scriptKeys: readonly string[],
    args: readonly (string | number)[],
  ) => link.run((client) => runScript(client, script, scriptKeys, args));

  return {
    async acquire({ ttlMs, nowMs, seenEpoch, addition }) {
      const args = [token, ttlMs, Math.floor(nowMs), seenEpoch, addition, MAX_DOCUMENT_BYTES];
      const answer = v.parse(ACQUIRED, await call(ACQUIRE, [lease, term, document], args));
      if (answer[0] === 0) return { taken: false, remainingMs: answer[1] };
      return { taken: true, epoch: answer[1], stored: storedOf(answer[2], answer[3], answer[4]) };
    },
    async renew(epoch, ttlMs) {
      const answer = await call(RENEW, [lease, term, document], [token, epoch, ttlMs]);
      const [isLeader, type = 'none', bytes = 0] = v.parse(RENEWED, answer);
      return isLeader === 0 ? 'not_leader' : { type, bytes };
    },
    async release(message) {
      await call(RELEASE, [lease], [token, updates, message]);
    },
    async save({ epoch, seq, json }, message) {
      const args = [token, epoch, seq, json, snapshotTtlS, updates, message];
      return v.parse(SAVED, await call(SAVE, [lease, term, document], args));
    },
    async touch({ epoch, seq, json }) {
      const args = [token, epoch, seq, json, snapshotTtlS];
      return (await call(TOUCH, [lease, term, document], args)) === 1;
    },
    async raise({ epoch, seq, json }) {
      await call(RAISE, [term, document], [epoch, seq, json, snapshotTtlS]);
    },
    async read() {
      const answer = await call(READ_BOTH, [term, document], [MAX_DOCUMENT_BYTES]);
      const [highest, epoch, seq, json] = v.parse(READ, answer);
      return { term: highest, stored: storedOf(epoch, seq, json) };
    },
    async claimRefresh(intervalMs) {
      return v.parse(whole, await call(CLAIM, [refresh], [intervalMs]));
    },
    async startRefreshInterval(intervalMs) {
      await link.run((client) => client.set(refresh, '1', 'PX', intervalMs));
    },
    async publish(message) {
      await link.run((client) => client.publish(updates, message));
    },
    countNodes: () => link.run((client) => countSubscribers(client, updates)),
  };
}

const storedOf = (epoch: number, seq: number, json: string): StoredJson | null =>
  json !== '' && isPosition(epoch, seq) ? { epoch, seq, json } : null;

/** Each node of a Cluster knows its own subscribers only. */
async function countSubscribers(client: RedisClient, channel: string): Promise<number> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const answers = await Promise.all(nodes.map((node) => node.pubsub('NUMSUB', channel)));
  return answers.reduce<number>((sum, answer) => sum + v.parse(NUMSUB, answer)[1], 0);
}

const NUMSUB = v.tuple([
  v.string(),
  v.pipe(v.union([v.string(), v.number()]), v.transform(Number)),
]);

/** A Lua file and the name Redis knows it by. */
interface Script {
  readonly lua: string;
  readonly sha: string;
}

function script(name: string): Script {
  const lua = readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

const ACQUIRE = script('acquire');
const RENEW = script('renew');
const RELEASE = script('release');
const SAVE = script('save');
const TOUCH = script('touch');
const RAISE = script('raise');
const READ_BOTH = script('read');
const CLAIM = script('claim');

/** By its name first; a Redis that does not know it yet is given the text. */
async function runScript(
  client: RedisClient,
  { lua, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.eval(lua, keys.length, ...keys, ...args);
  }
}
