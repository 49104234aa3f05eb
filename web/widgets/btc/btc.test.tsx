import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { applyPatch } from '../../../contract/index.ts';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { streamedDocument } from '../../live/test-streamed-document.ts';
import { liveTestPage, testPage, textOf } from '../test-props.ts';
import { btc } from './index.tsx';

const MINUTE_MS = 60_000;

describe('the Bitcoin card', () => {
  test('shows price, change, source and an absolute time in both languages', () => {
    const document = testDocument();
    const en = textOf(renderToString(<btc.View {...testPage(document, 'en')} />));
    expect(en).toContain('|$77,705.00|');
    expect(en).toContain('▼ |−1.41%');
    expect(en).toContain('Source: CoinGecko · |06:59 UTC|');
    const vi = textOf(renderToString(<btc.View {...testPage(document, 'vi')} />));
    expect(vi).toContain('Giá Bitcoin');
    expect(vi).toContain('|77.705,00| US$|');
    expect(vi).toContain('−1,41%');
  });

  test('tells the age once the page has come alive', () => {
    const html = textOf(renderToString(<btc.View {...liveTestPage(testDocument(), 'vi')} />));
    expect(html).toContain('30 giây trước');
    expect(html).not.toContain('UTC');
  });

  test('dims a stale price and says so', () => {
    const page = testPage(testDocument(), 'en', TEST_NOW_MS + 10 * MINUTE_MS);
    const html = renderToString(<btc.View {...page} />);
    expect(html).toContain('class="amount type-hero stale"');
    expect(textOf(html)).toContain('Out of date, |06:59 UTC| · CoinGecko');
  });

  test('puts a reason behind the dash of an unknown price', () => {
    const failing = applyPatch(emptyTestDocument(), {
      sources: {
        coingecko: {
          state: 'failing',
          last_success_at: null,
          next_attempt_at: '2026-11-23T07:04:00Z',
          error: { code: 'timeout', at: '2026-11-23T06:59:00Z' },
          deviation_percent: null,
        },
      },
    });
    const html = renderToString(<btc.View {...liveTestPage(failing)} />);
    expect(html).toContain('aria-label="Why is Bitcoin price not available?"');
    expect(textOf(html)).toContain('CoinGecko: timed out. Next try in 4 min.');
    expect(html).not.toContain('NaN');
  });

  test('shows range, volume and spread, and keeps their places free while they are not known', () => {
    const none = renderToString(<btc.View {...testPage(testDocument())} />);
    expect(textOf(none)).toContain('24h high|—|24h low|—|24h volume|—|');
    expect(none).toContain('<div class="btc-spread note"></div>');
    const html = textOf(renderToString(<btc.View {...testPage(streamedDocument())} />));
    expect(html).toContain('24h high|$79,336.81|24h low|$76,384.02|24h volume|$21.12B|');
    expect(html).toContain('Spread between exchanges: 0.04%');
  });

  test('gives the price at each exchange behind the spread, a dash for one that is not live', () => {
    const en = renderToString(<btc.View {...testPage(streamedDocument())} />);
    expect(en).toContain('aria-label="Details of Bitcoin price"');
    expect(textOf(en)).toContain('Binance|$77,705.00|Coinbase|—|Kraken|$77,736.10|');
    const vi = renderToString(<btc.View {...testPage(streamedDocument(), 'vi')} />);
    expect(textOf(vi)).toContain('Chênh lệch giữa các sàn: 0,04%|');
    expect(textOf(vi)).toContain('Kraken|77.736,10 US$|');
  });
});
