import { describe, expect, test } from 'bun:test';
import type { SourceEntry } from '../../contract/index.ts';
import { createSourceWatch, type Supply } from './source-news.ts';

const ANSWERED_MS = Date.UTC(2026, 10, 23, 6, 59);

const entry = (
  state: SourceEntry['state'],
  success: string | null = '2026-11-23T06:59:00Z',
): SourceEntry => ({
  state,
  last_success_at: success,
  next_attempt_at: null,
  error: null,
  deviation_percent: null,
});

const supply = (changes: Partial<Supply> = {}): Supply => ({
  sources: { coingecko: entry('ok'), coinlore: entry('ok') },
  figures: { btc: 'coingecko', market: 'coingecko', fng: 'alternative_me', rsi: null },
  coins: { ETH: 'coingecko', SOL: 'coingecko' },
  inUse: new Map([
    ['coingecko', ANSWERED_MS - 20_000],
    ['alternative_me', null],
  ]),
  ...changes,
});

/** What is said after a first look at `supply()`. */
function saidOf(...looks: Supply[]) {
  const watch = createSourceWatch();
  watch(supply());
  return looks.map((look) => watch(look));
}

describe('news of the sources', () => {
  test('are none at the first look', () => {
    expect(createSourceWatch()(supply({ sources: { coingecko: entry('failing') } }))).toEqual([]);
  });

  test('tell once that a source went silent, and once that it is back', () => {
    const silent = supply({ sources: { coingecko: entry('failing') } });
    const refused = supply({ sources: { coingecko: entry('blocked') } });
    expect(saidOf(silent, silent, refused, supply(), supply())).toEqual([
      [{ kind: 'source_failed', source: 'coingecko', atMs: ANSWERED_MS }],
      [],
      [],
      [{ kind: 'source_back', source: 'coingecko' }],
      [],
    ]);
  });

  test('give the time of its newest figure for a stream, which has no times, or is newer than its last answer', () => {
    const watch = createSourceWatch();
    const streams = (state: SourceEntry['state']) =>
      supply({
        sources: { kraken: entry(state, null), binance: entry(state) },
        inUse: new Map([
          ['kraken', 5000],
          ['binance', ANSWERED_MS + 3_600_000],
        ]),
      });
    watch(streams('ok'));
    expect(watch(streams('failing'))).toEqual([
      { kind: 'source_failed', source: 'kraken', atMs: 5000 },
      { kind: 'source_failed', source: 'binance', atMs: ANSWERED_MS + 3_600_000 },
    ]);
  });

  test('are not made of a source that one of its routes has just been answered by', () => {
    const sources = { coingecko: entry('failing', '2026-11-23T07:00:00Z') };
    expect(saidOf(supply({ sources }))).toEqual([[]]);
  });

  test('are not made of a source whose figures nobody sees', () => {
    expect(saidOf(supply({ sources: { coinlore: entry('failing') } }))).toEqual([[]]);
  });

  test('are not made of one that is set aside: where its figures come from now is told', () => {
    expect(saidOf(supply({ sources: { coingecko: entry('set_aside') } }))).toEqual([[]]);
  });

  test('tell where figures come from now, all of one source at once, but not where one came from first', () => {
    const figures = { ...supply().figures, btc: 'binance', rsi: 'binance' } as const;
    const all = supply({ figures, coins: { ETH: 'binance', SOL: 'binance' } });
    const some = supply({ figures, coins: { ETH: 'binance', SOL: 'kraken' } });
    expect(saidOf(all)).toEqual([
      [{ kind: 'source_switched', figures: ['btc', 'coins'], source: 'binance' }],
    ]);
    expect(saidOf(some)).toEqual([
      [
        { kind: 'source_switched', figures: ['btc', 'coin:ETH'], source: 'binance' },
        { kind: 'source_switched', figures: ['coin:SOL'], source: 'kraken' },
      ],
    ]);
  });

  test('say of a source that is back and has its figures again only the latter', () => {
    const silent = supply({ sources: { coingecko: entry('failing') } });
    const figures = { ...supply().figures, market: 'coinlore' } as const;
    expect(saidOf(silent, { ...silent, figures }, supply())).toEqual([
      [{ kind: 'source_failed', source: 'coingecko', atMs: ANSWERED_MS }],
      [{ kind: 'source_switched', figures: ['market'], source: 'coinlore' }],
      [{ kind: 'source_switched', figures: ['market'], source: 'coingecko' }],
    ]);
  });
});
