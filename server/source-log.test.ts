import { expect, test } from 'bun:test';
import { type DashboardDocument, emptyDocument, type SourceEntry } from '../contract/index.ts';
import { createSourceLog } from './source-log.ts';
import { staleTable } from './term.ts';

const EMPTY = emptyDocument(['BTC'], staleTable(300), false);

const priced = (
  source: 'binance' | 'coinbase',
  entry?: Partial<SourceEntry>,
): DashboardDocument => ({
  ...EMPTY,
  coins: { BTC: { ...EMPTY.coins.BTC, source } as DashboardDocument['coins'][string] },
  sources: {
    binance: {
      ...{ state: 'ok', last_success_at: null, next_attempt_at: null, error: null },
      deviation_percent: null,
      ...entry,
    },
  },
});

function setUp() {
  const said: unknown[] = [];
  const sayAs = (level: string) => (fields: object, message: string) =>
    void said.push([level, fields, message]);
  const log = createSourceLog({ info: sayAs('info'), warn: sayAs('warn') } as never);
  return { said, log };
}

test('a switch of source is said once, the first source is not', () => {
  const { said, log } = setUp();
  for (const document of [EMPTY, priced('binance'), priced('coinbase'), priced('coinbase')]) {
    log.shown(document);
  }
  expect(said).toEqual([
    [
      'info',
      { figure: 'prices', source: 'coinbase', before: 'binance' },
      'a figure comes from another source',
    ],
  ]);
});

test('an exchange that is set aside is named once, and when it is back', () => {
  const { said, log } = setUp();
  const aside = priced('coinbase', { state: 'set_aside', deviation_percent: 5.02 });
  for (const document of [priced('coinbase'), aside, aside, priced('coinbase')]) {
    log.shown(document);
  }
  expect(said).toEqual([
    [
      'warn',
      { source: 'binance', deviationPct: 5.02 },
      'an exchange is set aside: its price is off',
    ],
    ['info', { source: 'binance' }, 'an exchange is not set aside any more'],
  ]);
});
