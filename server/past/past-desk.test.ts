import { describe, expect, test } from 'bun:test';
import type { SourceId } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { readConfig } from '../config.ts';
import type { CandleSpanWanted } from '../history/past.ts';
import { createLog } from '../log.ts';
import { createMemoryLedger } from '../schedule/memory-ledger.ts';
import { createRoundSchedule } from '../schedule/round-schedule.ts';
import type { Reading } from '../sources/source.ts';
import { UpstreamError, type UpstreamRequest } from '../sources/upstream.ts';
import { createTasks } from '../tasks.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 7, 2, 30);
const NOW_S = NOW_MS / 1000;
const OPEN_S = NOW_S - 150;
const DAY_S = 86_400;

type Sent = { readonly source: SourceId; readonly request: UpstreamRequest; readonly atMs: number };
type Answerer = (sent: Sent) => unknown;

const num = (text: string | undefined) => Number(text);
const fail =
  (code: ConstructorParameters<typeof UpstreamError>[1]): Answerer =>
  ({ source }) => {
    throw new UpstreamError(source, code);
  };
/** Every candle that was asked for, at 10 dollars. */
const BINANCE: Answerer = ({ request: { query } }) => {
  const stepMs = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 }[query?.interval ?? ''] ?? 0;
  const rows: unknown[] = [];
  for (let t = num(query?.startTime); t <= num(query?.endTime); t += stepMs) {
    rows.push([t, '10', '10', '10', '10', '1', t + stepMs - 1, '10', 1, '1', '10', '0']);
  }
  return rows;
};
const COINBASE: Answerer = ({ request: { query } }) => {
  const rows: unknown[] = [];
  const stepS = num(query?.granularity);
  const endS = Date.parse(query?.end ?? '') / 1000;
  for (let t = Date.parse(query?.start ?? '') / 1000; t <= endS; t += stepS) {
    rows.unshift([t, 20, 20, 20, 20, 1]);
  }
  return rows;
};
const KRAKEN: Answerer = ({ request: { query } }) => {
  const stepS = num(query?.interval) * 60;
  const rows: unknown[] = [];
  for (let n = 719; n >= 0; n--) {
    const t = Math.floor(NOW_S / stepS) * stepS - n * stepS;
    rows.push([t, '30', '30', '30', '30', '30', '1', 1]);
  }
  return { error: [], result: { XXBTZUSD: rows, last: 1 } };
};
const INDEX: Answerer = () => ({
  data: [{ value: '26', timestamp: String(Date.UTC(2026, 10, 23) / 1000) }],
});

/** A desk over the real sources and the real schedule; what upstreams answer is the test's. */
function setUp(env: Record<string, string> = {}, nodes = 1) {
  const clock = createManualClock(NOW_MS);
  const sent: Sent[] = [];
  const answers: Partial<Record<SourceId, Answerer>> = {
    ...{ binance: BINANCE, coinbase: COINBASE, kraken: KRAKEN, alternative_me: INDEX },
  };
  const lease = { isHeld: true };
  const aside: SourceId[] = [];
  const { log } = createLog('silent', false);
  const tasks = createTasks({
    config: readConfig(env),
    ...{ clock, log, nodes },
    random: () => 0,
    upstream: {
      async get(source, _baseUrl, request) {
        const one = { source, request, atMs: clock.monotonic() };
        sent.push(one);
        const answer = answers[source];
        if (answer === undefined) throw new UpstreamError(source, 'unavailable');
        const body = await answer(one);
        return { body, receivedAtMs: clock.now(), ageS: 0 };
      },
    },
    feed: () => ({ unstreamedCoins: () => [], hasRunningCandles: () => false }),
    isSetAside: (id) => aside.includes(id),
    intervalS: () => 300,
    ask: (wanted) => schedule.ask(wanted),
    freeInMs: (task) => schedule.freeInMs(task),
  });
  const heard: string[] = [];
  const schedule = createRoundSchedule<Reading>(
    {
      ...{ clock, log, random: () => 0, tasks: tasks.all },
      ledger: createMemoryLedger(clock),
      mayCall: () => lease.isHeld,
      listener: {
        started() {},
        readings: (readings) => void heard.push(...readings.map(({ figure }) => figure)),
        reports: () => void heard.push('reports'),
        ended() {},
      },
    },
    { intervalMs: 300_000 },
  );
  const { past } = tasks;
  return {
    ...{ clock, sent, answers, lease, aside, tasks, past, schedule, heard },
    async ask(wanted: Partial<CandleSpanWanted>) {
      const span = { fromS: OPEN_S - DAY_S, toS: OPEN_S + 300 };
      const answer = past.ask({
        kind: 'candles',
        symbol: 'BTC',
        intervalS: 300,
        ...span,
        ...wanted,
      });
      await clock.advanceAsync(60_000);
      return await answer;
    },
  };
}

describe('the desk of the past', () => {
  test('asks the first exchange for the newest page of what is wanted, by the minute', async () => {
    const { ask, sent } = setUp();
    const answer = await ask({});
    const toS = NOW_S + 30;
    expect(answer).toMatchObject({
      ...{ kind: 'candles', source: 'binance', symbol: 'BTC', intervalS: 60 },
      ...{ fromS: toS - 1000 * 60, toS, receivedAtS: NOW_S },
    });
    expect(
      answer !== null && answer !== 'unknown' && answer.kind === 'candles' && answer.candles,
    ).toHaveLength(1000);
    expect(sent.map(({ source, request }) => [source, request.query?.symbol])).toEqual([
      ['binance', 'BTCUSDT'],
    ]);
  });

  test('asks for no more than is wanted', async () => {
    const { ask } = setUp();
    const span = { intervalS: 3600, fromS: OPEN_S - 7200, toS: OPEN_S } as const;
    expect(await ask(span)).toMatchObject({ ...span, candles: [{ time: span.fromS }, {}] });
  });

  test('asks the next exchange when one fails, in the order of preference', async () => {
    const { ask, answers, sent } = setUp();
    answers.binance = fail('blocked');
    expect(await ask({})).toMatchObject({ source: 'coinbase', intervalS: 60 });
    answers.coinbase = fail('unavailable');
    expect(await ask({})).toMatchObject({ source: 'kraken', intervalS: 300 });
    // Who refuses is left alone.
    expect(sent.map(({ source }) => source)).toEqual(['binance', 'coinbase', 'coinbase', 'kraken']);
  });

  test('leaves out those that have told of it, and says when nobody else has it', async () => {
    const { ask, sent } = setUp();
    expect(await ask({ not: ['binance'] })).toMatchObject({ source: 'coinbase' });
    expect(await ask({ not: ['binance', 'coinbase'] })).toMatchObject({ source: 'kraken' });
    sent.length = 0;
    expect(await ask({ not: ['binance', 'coinbase', 'kraken'] })).toBe('unknown');
    expect(sent).toEqual([]);
  });

  test('asks an exchange that is set aside only for what no other has', async () => {
    const { ask, aside, answers, sent } = setUp();
    aside.push('binance');
    expect(await ask({})).toMatchObject({ source: 'coinbase' });
    answers.coinbase = fail('unavailable');
    expect(await ask({})).toMatchObject({ source: 'kraken' });
    answers.kraken = fail('unavailable');
    expect(await ask({})).toBeNull();
    expect(sent.map(({ source }) => source)).not.toContain('binance');
    expect(await ask({ not: ['coinbase', 'kraken'] })).toMatchObject({ source: 'binance' });
    aside.length = 0;
    expect(await ask({})).toMatchObject({ source: 'binance' });
  });

  test('waits some seconds for an exchange that was just asked, rather than ask the next', async () => {
    const { past, answers, schedule, sent, clock } = setUp();
    answers.binance = fail('unavailable');
    // Coinbase's candles of the RSI are asked for in the round: it wants ten seconds for itself.
    void schedule.refresh();
    await clock.advanceAsync(4000);
    expect(sent.map(({ source }) => source)).toContain('coinbase');
    answers.binance = fail('blocked');
    const wanted = { kind: 'candles', symbol: 'BTC', intervalS: 300 } as const;
    const span = { fromS: OPEN_S - 600, toS: OPEN_S };
    const pages = [past.ask({ ...wanted, ...span }), past.ask({ ...wanted, ...span })];
    await clock.advanceAsync(60_000);
    expect(await Promise.all(pages)).toMatchObject([{ source: 'kraken' }, { source: 'coinbase' }]);
  });

  test('asks an exchange only for what it still has', async () => {
    const { ask } = setUp({ BINANCE_BASE_URL: 'off', COINBASE_BASE_URL: 'off' });
    const today = Math.floor(NOW_S / DAY_S) * DAY_S;
    const days = { intervalS: 86_400, toS: today + DAY_S } as const;
    expect(await ask({ ...days, fromS: today - 4000 * DAY_S })).toMatchObject({
      source: 'kraken',
      fromS: today - 719 * DAY_S,
      toS: today + DAY_S,
    });
    const older = { ...days, fromS: today - 4000 * DAY_S, toS: today - 719 * DAY_S };
    expect(await ask(older)).toBe('unknown');
  });

  test('knows at once what nobody has', async () => {
    const { ask, sent } = setUp({ COINBASE_BASE_URL: 'off', KRAKEN_BASE_URL: 'off' });
    expect(await ask({ symbol: 'USDT' })).toBe('unknown');
    expect(sent).toEqual([]);
  });

  test('answers nothing when nobody does, nor without the lease', async () => {
    const { ask, answers, lease, sent } = setUp();
    for (const id of ['binance', 'coinbase', 'kraken'] as const) answers[id] = fail('bad_response');
    expect(await ask({})).toBeNull();
    expect(sent).toHaveLength(3);
    lease.isHeld = false;
    expect(await ask({})).toBeNull();
    expect(sent).toHaveLength(3);
  });

  test('has the whole index of the one who gives it', async () => {
    const { past, sent } = setUp();
    expect(await past.ask({ kind: 'fng' })).toEqual({
      ...{ kind: 'fng', source: 'alternative_me' },
      days: [{ time: Date.UTC(2026, 10, 23) / 1000, value: 26 }],
    });
    expect(sent.map(({ request }) => request.query?.limit)).toEqual(['0']);
    const off = setUp({ ALTERNATIVE_ME_BASE_URL: 'off' });
    expect(await off.past.ask({ kind: 'fng' })).toBe('unknown');
  });

  test.each([
    [1, 1500],
    [4, 6000],
    [100, 150_000],
  ])(
    'of one of %p nodes asks for a page every %p ms, which leaves a third of a minute’s calls',
    async (nodes, spacingMs) => {
      const { past, sent, clock } = setUp({}, nodes);
      const wanted = { kind: 'candles', symbol: 'BTC', intervalS: 300 } as const;
      for (let page = 0; page < 4; page++) {
        void past.ask({ ...wanted, fromS: OPEN_S - 600, toS: OPEN_S });
      }
      await clock.advanceAsync(10 * spacingMs);
      expect(sent.map(({ atMs }) => atMs)).toEqual([0, 1, 2, 3].map((n) => n * spacingMs));
    },
  );

  test('leaves an exchange that was silent until the deadline alone for a while', async () => {
    const { ask, answers, sent, clock } = setUp();
    answers.binance = async ({ source }) => {
      await new Promise<void>((resolve) => clock.after(10_000, resolve));
      throw new UpstreamError(source, 'timeout');
    };
    expect(await ask({})).toMatchObject({ source: 'coinbase' });
    expect(await ask({})).toMatchObject({ source: 'coinbase' });
    expect(sent.map(({ source }) => source)).toEqual(['binance', 'coinbase', 'coinbase']);
    answers.binance = BINANCE;
    await clock.advanceAsync(120_000);
    expect(await ask({})).toMatchObject({ source: 'binance' });
  });

  test('asks it all the same where there is nobody else', async () => {
    const { ask, answers } = setUp({ COINBASE_BASE_URL: 'off', KRAKEN_BASE_URL: 'off' });
    answers.binance = fail('timeout');
    expect(await ask({})).toBeNull();
    answers.binance = BINANCE;
    expect(await ask({})).toMatchObject({ source: 'binance' });
  });

  test('brings no readings, makes no report, and is no part of a round', async () => {
    const { ask, heard, schedule, sent } = setUp();
    await ask({});
    expect(heard).toEqual([]);
    sent.length = 0;
    await schedule.refresh();
    expect(sent.filter(({ request }) => request.query?.startTime !== undefined)).toEqual([]);
    expect(sent.filter(({ request }) => request.query?.limit === '0')).toEqual([]);
  });

  test('never answers, and calls nobody, once the term is over', async () => {
    const { past, clock, sent, tasks } = setUp();
    const wanted = { kind: 'candles', symbol: 'BTC', intervalS: 300 } as const;
    const span = { fromS: OPEN_S - 600, toS: OPEN_S };
    const answered: unknown[] = [];
    for (let page = 0; page < 2; page++) {
      void past.ask({ ...wanted, ...span }).then((answer) => answered.push(answer));
    }
    await clock.advanceAsync(100);
    tasks.close();
    await clock.advanceAsync(600_000);
    expect(sent).toHaveLength(1);
    expect(answered).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});
