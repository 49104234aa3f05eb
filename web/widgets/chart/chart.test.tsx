import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { createManualClock } from '../../../contract/manual-clock.ts';
import { createLive } from '../../live/index.ts';
import { TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { answerHistory } from '../../live/test-history.ts';
import { testPage, textOf } from '../test-props.ts';
import { chart } from './index.tsx';
import { createChartModel, rowsIn, spanOf } from './model.ts';

const visibility = { isHidden: () => false, onChange: () => () => {} };

/** A page whose history is answered. */
function createPage() {
  const clock = createManualClock(TEST_NOW_MS);
  const asked: string[] = [];
  const live = createLive(
    {
      clock,
      visibility,
      fetch: async (path) => {
        asked.push(path.slice(path.indexOf('?')));
        return Response.json(answerHistory(new URLSearchParams(path.split('?')[1])));
      },
    },
    { document: testDocument(), renderedAtMs: TEST_NOW_MS },
  );
  live.start();
  return { clock, live, asked, model: createChartModel(live) };
}

describe('the chart card', () => {
  test('is drawn by the server with its choices, its room and a word in it, in both languages', () => {
    const html = renderToString(<chart.View {...testPage(testDocument(), 'en')} />);
    expect(textOf(html)).toContain(
      'Bitcoin price chart|Range|24H|7D|30D|1Y|Chart type|Line|Candles|Loading chart…|Download CSV|Show as table|',
    );
    expect(html).toContain(
      'href="/api/crypto/history?series=btc_price&amp;range=24h&amp;format=csv"',
    );
    expect(html).toContain('role="img" aria-label="Bitcoin price chart"');
    expect(html).not.toContain('style=');
    const vi = textOf(renderToString(<chart.View {...testPage(testDocument(), 'vi')} />));
    expect(vi).toContain('24 giờ|7 ngày|30 ngày|1 năm|');
    expect(vi).toContain('Đang tải biểu đồ…');
  });
});

describe('what the chart shows', () => {
  test('are price and RSI of one range; candles only once they are chosen', async () => {
    const { clock, asked, model } = createPage();
    const stop = model.show();
    await clock.advanceAsync(0);
    expect(asked).toEqual(['?series=btc_price&range=24h', '?series=rsi_14&range=24h']);
    expect(model.state.value).toBe('ready');
    stop();
    model.kind.value = 'candles';
    expect(model.state.value).toBe('loading');
    model.show();
    await clock.advanceAsync(0);
    expect(asked.slice(2)).toEqual(['?series=btc_candles&range=24h']);
    expect(model.price.value).toMatchObject({ body: { columns: { length: 6 } } });
  });

  test('is read for words once a minute, though it moves every second', async () => {
    const { clock, live, model } = createPage();
    model.show();
    await clock.advanceAsync(0);
    const readings = new Set<unknown>();
    const stop = model.reading.subscribe((reading) => readings.add(reading));
    const take = (price: number, asOf: string) => {
      const { BTC } = testDocument().coins;
      if (!BTC) return;
      const coins = { BTC: { ...BTC, price_usd: price, as_of: asOf } };
      live.take({
        document: testDocument({ coins }),
        position: { epoch: 1, seq: 1 },
        link: { state: 'live' },
        clockOffsetMs: 0,
        degraded: [],
        appVersion: null,
      });
    };
    for (let n = 10; n < 40; n += 2) {
      take(78_000 + n, `2026-11-23T07:00:${n}Z`);
      await clock.advanceAsync(1000);
    }
    expect(rowsIn(model.price.value, spanOf('24h', clock.now())).at(-1)?.[1]).toBe(78_038);
    expect(readings.size).toBe(1);
    model.read();
    expect(model.reading.value.price?.rows.at(-1)?.[1]).toBe(78_038);
    await clock.advanceAsync(60_000);
    expect(readings.size).toBe(3);
    stop();
  });

  test('spans the whole range up to now, however little of it is known', () => {
    expect(spanOf('24h', TEST_NOW_MS + 61_000)).toEqual({
      fromS: TEST_NOW_MS / 1000 - 86_400 + 300,
      toS: TEST_NOW_MS / 1000,
      intervalS: 300,
    });
    const { toS, fromS, intervalS } = spanOf('1y', TEST_NOW_MS);
    expect((toS - fromS) / intervalS + 1).toBe(365);
    expect(toS % 86_400).toBe(0);
  });
});
