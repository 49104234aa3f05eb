/** The room that speaks Redis; here the steps, each a Lua script of its own. */

import { readFileSync } from 'node:fs';
import { Cluster } from 'ioredis';
import * as v from 'valibot';
import { type Clock, isPlausible, maxEpochAt } from '../../contract/index.ts';
import type { RedisKeys } from './keys.ts';
import type { RedisClient } from './open-client.ts';
import type { RedisLink } from './redis-link.ts';
import {
  type AcquireAnswer,
  MAX_DOCUMENT_BYTES,
  type RedisSteps,
  type StoredJson,
} from './steps.ts';

/** How the steps are set up. */
export interface RedisStepsOptions {
  readonly keys: RedisKeys;
  /** This process, and no other ever: what the lease holds. */
  readonly token: string;
  /** Time to live of the document, s. */
  readonly snapshotTtlS: number;
  /** Judges epochs that lie in Redis. */
  readonly clock: Pick<Clock, 'now'>;
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
const RENEWED = v.union([
  v.tuple([v.literal(1), v.string(), whole, digitsOr0, digitsOr0]),
  v.tuple([v.literal(0)]),
]);
const SAVED = v.picklist(['ok', 'not_leader', 'behind']);
const READ = v.tuple([digitsOr0, digitsOr0, digitsOr0, v.string()]);

/** The steps over a link; see the duties on {@link RedisSteps}. */
export function createRedisSteps(
  link: Pick<RedisLink, 'read' | 'write'>,
  { keys, token, snapshotTtlS, clock }: RedisStepsOptions,
): RedisSteps {
  const { document, term, lease, refresh, updates } = keys;
  // The text each time: a kilobyte, beside a document of three. By its name, a Redis that was started anew would have to
  // be asked twice, which on a slow line takes longer than a step may.
  const evaluate =
    (lua: string, scriptKeys: readonly string[], args: readonly (string | number)[]) =>
    (client: RedisClient) =>
      client.eval(lua, scriptKeys.length, ...scriptKeys, ...args);
  const write = (...step: Parameters<typeof evaluate>) => link.write(evaluate(...step));
  const read = (...step: Parameters<typeof evaluate>) => link.read(evaluate(...step));

  return {
    async acquire({ ttlMs, nowMs, seenEpoch, addition }, late) {
      const limits = [MAX_DOCUMENT_BYTES, maxEpochAt(nowMs)];
      const args = [token, ttlMs, Math.floor(nowMs), seenEpoch, addition, ...limits];
      const step = evaluate(ACQUIRE, [lease, term, document], args);
      const answer = await link.write(step, (lateAnswer) => {
        // One that cannot be read took nothing that could be given back by its epoch.
        if (v.is(ACQUIRED, lateAnswer)) late?.(acquired(parse(ACQUIRED, lateAnswer), nowMs));
      });
      return acquired(parse(ACQUIRED, answer), nowMs);
    },
    async renew(epoch, ttlMs) {
      const answer = await write(RENEW, [lease, term, document], [token, epoch, ttlMs]);
      const [isLeader, type = 'none', bytes = 0, storedEpoch = 0, seq = 0] = parse(RENEWED, answer);
      if (isLeader === 0) return 'not_leader';
      return { type, bytes, epoch: believed(storedEpoch, clock.now()), seq };
    },
    async release(epoch, message) {
      // A full Redis lets keys go, and a lease that is gone is not written: the answer proves nothing.
      await read(RELEASE, [lease, term], [token, epoch, updates, message]);
    },
    async save({ epoch, seq, json }, message) {
      const limit = maxEpochAt(clock.now());
      const args = [token, epoch, seq, json, snapshotTtlS, updates, message, limit];
      return parse(SAVED, await write(SAVE, [lease, term, document], args));
    },
    async touch({ epoch, seq, json }) {
      const args = [token, epoch, seq, json, snapshotTtlS];
      return (await read(TOUCH, [lease, term, document], args)) === 1;
    },
    async raise({ epoch, seq, json }) {
      const args = [epoch, seq, json, snapshotTtlS, maxEpochAt(clock.now())];
      await write(RAISE, [term, document], args);
    },
    async read() {
      const answer = await read(READ_BOTH, [term, document], [MAX_DOCUMENT_BYTES]);
      const [highest, epoch, seq, json] = parse(READ, answer);
      const nowMs = clock.now();
      return { term: believed(highest, nowMs), stored: storedOf({ epoch, seq, json }, nowMs) };
    },
    async claimRefresh(intervalMs, claim) {
      return parse(whole, await read(CLAIM, [refresh], [intervalMs, claim]));
    },
    async startRefreshInterval(intervalMs) {
      await link.write((client) => client.set(refresh, '1', 'PX', intervalMs));
    },
    async publish(message) {
      await link.read((client) => client.publish(updates, message));
    },
    countNodes: () => link.read((client) => countSubscribers(client, updates)),
  };
}

/** @throws Error without what was answered, which may be a document */
function parse<T>(schema: v.GenericSchema<unknown, T>, answer: unknown): T {
  const parsed = v.safeParse(schema, answer, { abortEarly: true });
  if (!parsed.success) throw new Error('Redis gave an answer that cannot be read');
  return parsed.output;
}

function acquired(answer: v.InferOutput<typeof ACQUIRED>, nowMs: number): AcquireAnswer {
  if (answer[0] === 0) return { taken: false, remainingMs: answer[1] };
  const [, epoch, storedEpoch, seq, json] = answer;
  return { taken: true, epoch, stored: storedOf({ epoch: storedEpoch, seq, json }, nowMs) };
}

const storedOf = (stored: StoredJson, nowMs: number): StoredJson | null =>
  stored.json !== '' && isPlausible(stored, nowMs) ? stored : null;

/** As in the scripts: an epoch that no node can have given out counts as nothing. */
const believed = (epoch: number, nowMs: number): number => (epoch <= maxEpochAt(nowMs) ? epoch : 0);

/** Each node of a Cluster knows its own subscribers only; one that is gone has none. */
async function countSubscribers(client: RedisClient, channel: string): Promise<number> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const answers = await Promise.allSettled(nodes.map((node) => node.pubsub('NUMSUB', channel)));
  const counts = answers.flatMap((answer) =>
    answer.status === 'fulfilled' ? [parse(NUMSUB, answer.value)[1]] : [],
  );
  if (counts.length === 0)
    throw firstReason(answers) ?? new Error('no node of the Cluster is known');
  return counts.reduce((sum, count) => sum + count, 0);
}

const firstReason = (answers: readonly PromiseSettledResult<unknown>[]): unknown =>
  answers.find((answer) => answer.status === 'rejected')?.reason;

const NUMSUB = v.tuple([
  v.string(),
  v.pipe(v.union([v.string(), v.number()]), v.transform(Number)),
]);

/** A Lua file's text. */
const script = (name: string): string =>
  readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');

const ACQUIRE = script('acquire');
const RENEW = script('renew');
const RELEASE = script('release');
const SAVE = script('save');
const TOUCH = script('touch');
const RAISE = script('raise');
const READ_BOTH = script('read');
const CLAIM = script('claim');
