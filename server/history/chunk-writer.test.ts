import { expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { ReplacingChunk } from '../redis/steps.ts';
import { createChunkWriter } from './chunk-writer.ts';
import { chunkAt } from './chunks.ts';
import { createDueChunks } from './due-chunks.ts';
import { START_S } from './test-history-nodes.ts';
import { openKeptRows, sample } from './test-kept-rows.ts';
import { DAY_S } from './tiers.ts';

test('what was not written stays due and unknown, and what was written is neither', async () => {
  const clock = createManualClock(START_S * 1000);
  const rows = openKeptRows();
  const due = createDueChunks({ rows, clock, series: new Set(['coin:BTC', 'coin:ETH']) });
  /** What each step brings, and does. */
  const steps: ((sent: readonly ReplacingChunk[]) => readonly string[])[] = [];
  const sent: ReplacingChunk[][] = [];
  const writer = createChunkWriter({
    ...{ rows, clock, due, isLeader: () => true, breathe: async () => {} },
    signal: new AbortController().signal,
    steps: {
      async writeHistory(chunks) {
        if (chunks.length === 0) return [];
        sent.push([...chunks]);
        return steps.shift()?.(chunks) ?? [];
      },
    },
  });
  const names = ['coin:BTC', 'coin:ETH'].map((series) => {
    rows.keepSamples([sample(series, DAY_S, START_S - (START_S % DAY_S) - DAY_S, 100)], 'last');
    return chunkAt(series, DAY_S, START_S)?.name ?? '';
  });
  const [btc = '', eth = ''] = names;
  const known = new Map<string, string>();
  const write = () => writer.write(new Map(), known);
  const dueNames = () => due.now().map(({ name }) => name);
  try {
    due.lead();
    steps.push(() => {
      throw new Error('Redis gave no answer');
    });
    await expect(write()).rejects.toThrow('no answer');
    expect(dueNames()).toEqual(expect.arrayContaining(names));
    expect([...known.keys()]).toEqual([]);

    steps.push(() => [eth]);
    await write();
    expect(dueNames()).toEqual([eth]);
    expect([...known.keys()]).toEqual([btc]);

    await write();
    expect(dueNames()).toEqual([]);
    expect([...known.keys()]).toEqual([btc, eth]);
    await write();
    expect(sent.map((step) => step.map(({ name }) => name))).toEqual([names, names, [eth]]);
  } finally {
    due.close();
    rows.close();
  }
});
