/** The steps in which the leader leaves its history for the other nodes, each a Lua script of its own. */

import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { RedisKeys } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import {
  type HistoryChunk,
  type HistorySteps,
  MAX_CHUNK_BYTES,
  MAX_HISTORY_CHUNKS,
} from './steps.ts';

const INDEX = v.array(v.string());
const NAMES = v.array(v.string());
/** `''` = none. */
const CHUNK = v.string();

/** The steps over a link; see the duties on {@link HistorySteps}. */
export function createHistorySteps(
  link: Pick<RedisLink, 'read'>,
  { history, historyIndex }: Pick<RedisKeys, 'history' | 'historyIndex'>,
): HistorySteps {
  // None of them proves that Redis can be written to: the writing one is also sent with nothing but a time to live.
  const call = (lua: string, keys: readonly string[], args: readonly (string | number)[]) =>
    link.read((client) => client.eval(lua, keys.length, ...keys, ...args));

  return {
    async readHistoryIndex() {
      const answer = await call(READ_INDEX, [history, historyIndex], [MAX_HISTORY_CHUNKS]);
      return pairs(parse(INDEX, answer));
    },
    async readHistoryChunk(name) {
      const json = parse(CHUNK, await call(READ_CHUNK, [history], [name, MAX_CHUNK_BYTES]));
      return json === '' ? null : json;
    },
    async writeHistory(chunks, removed, ttlS) {
      // Nobody would read a longer one.
      const isTooLong = ({ json }: HistoryChunk) => Buffer.byteLength(json) > MAX_CHUNK_BYTES;
      const sent = chunks.filter((chunk) => !isTooLong(chunk));
      const fields = sent.flatMap(({ name, replaces, digest, json }) => [
        ...[name, replaces ?? '', digest, json],
      ]);
      const limits = [MAX_HISTORY_CHUNKS, MAX_CHUNK_BYTES];
      const args = [ttlS, ...limits, sent.length, ...fields, ...removed];
      const left = parse(NAMES, await call(WRITE, [history, historyIndex], args));
      return [...left, ...chunks.filter(isTooLong).map(({ name }) => name)];
    },
  };
}

/** @throws Error without what was answered, which may be long */
function parse<T>(schema: v.GenericSchema<T>, answer: unknown): T {
  if (!v.is(schema, answer)) throw new Error('Redis gave an answer that cannot be read');
  return answer;
}

/** A hash as scripts answer it: fields and values in turn. */
function pairs(list: readonly string[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (let i = 0; i + 1 < list.length; i += 2) map.set(list[i] ?? '', list[i + 1] ?? '');
  return map;
}

/** A Lua file's text. */
const script = (name: string): string =>
  readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');

const READ_INDEX = script('read-history-index');
const READ_CHUNK = script('read-history-chunk');
const WRITE = script('write-history');
