import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { applyPatch, type DashboardDocument } from '../../../contract/index.ts';
import type { Language } from '../../i18n/index.ts';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { streamedDocument } from '../../live/test-streamed-document.ts';
import { historyPage, testPage, textOf } from '../test-props.ts';
import { coins } from './index.tsx';

const ETH = {
  price_usd: 2804.12,
  change_24h: 0.84,
  source: 'binance',
  as_of: '2026-11-23T06:59:55Z',
  state: 'live',
  stale_after_s: 60,
};

const viewOf = (document: DashboardDocument, ...rest: [language?: Language, nowMs?: number]) =>
  renderToString(<coins.View {...testPage(document, ...rest)} />);

describe('the coins card', () => {
  test('is not there while Bitcoin is the only coin, unless there are funds', () => {
    const { BTC } = testDocument().coins;
    const one = testDocument({ coins: BTC ? { BTC } : {} });
    expect(viewOf(one)).toBe('');
    expect(viewOf({ ...one, us_etfs: streamedDocument().us_etfs })).toContain('US ETFs');
  });

  test('has its rows before there are prices, so that nothing moves when they come', () => {
    const html = viewOf(emptyTestDocument());
    expect(html.match(/<tr/g)).toHaveLength(3);
    expect(html).toContain('aria-label="Why is Ethereum not available?"');
  });

  test('has a row for each coin in the order of the configuration, in both languages', () => {
    const two = applyPatch(testDocument(), { coins: { ETH } });
    const details = '24h high|—|24h low|—|24h volume|—';
    expect(textOf(viewOf(two))).toContain(
      `|BTC|Bitcoin|${details}|Source: CoinGecko · |06:59 UTC|$77,705.00|▼ |−1.41%|—|—|—|` +
        `ETH|Ethereum|${details}|Source: Binance · |06:59 UTC|$2,804.12|▲ |+0.84%|—|—|—|`,
    );
    const vi = textOf(viewOf(two, 'vi'));
    expect(vi).toContain('Giá các đồng coin');
    expect(vi).toContain('|2.804,12 US$|');
  });

  test('names who supplies the coins that are live, with the oldest of their times', () => {
    expect(textOf(viewOf(streamedDocument()))).toContain(
      '|Source: Binance, Kraken · |06:59 UTC|US ETFs',
    );
    const later = viewOf(streamedDocument(), 'en', TEST_NOW_MS + 3_600_000);
    expect(later).toContain('<div class="coin-note"></div>');
  });

  test('gives each coin its own source, and to a phone the rest of its figures, behind a button', () => {
    const html = viewOf(streamedDocument());
    expect(html).toContain('aria-label="Details of BNB" aria-describedby="coin-BNB-details-note"');
    expect(textOf(html)).toContain(
      '|BNB|BNB|24h high|$860.29|24h low|$828.28|24h volume|$229.04M|Source: Kraken · |06:59 UTC|$842.60|',
    );
  });

  test('dims a row that is out of date and says how old it is in the place of the name', () => {
    const two = applyPatch(testDocument(), { coins: { ETH } });
    const html = viewOf(two, 'en', TEST_NOW_MS + 3_600_000);
    expect(html).toContain('amount type-body stale');
    expect(textOf(html)).toContain('|ETH|Out of date, 06:59 UTC|');
  });

  test('puts a reason behind the dash of a coin without a price', () => {
    const three = applyPatch(testDocument(), {
      coins: { ETH, SOL: { ...ETH, name: 'Solana', price_usd: null } },
    });
    expect(viewOf(three)).toContain('aria-label="Why is Solana not available?"');
  });

  test('has a column for the week, empty until it is known and for a coin without a past', async () => {
    expect(viewOf(streamedDocument())).not.toContain('role="img"');
    const page = historyPage({ hole: [0.4, 0.45] }, streamedDocument());
    page.live.history.show('sparklines', '7d');
    await page.clock.advanceAsync(0);
    const html = renderToString(<coins.View {...page} />);
    const labels = [...html.matchAll(/role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    expect(labels).toHaveLength(7);
    expect(labels[0]).toMatch(/^Bitcoin, 7\u00a0days: (up|down) \d+\.\d\d%$/);
    expect(html.match(/ d="M[^"M]*M[^"M]*"/g)).toHaveLength(7);
    expect(html).not.toContain('style=');
    const other = historyPage(
      {},
      applyPatch(testDocument(), { coins: { ETH, DOGE: { ...ETH, name: 'Dogecoin' } } }),
    );
    other.live.history.show('sparklines', '7d');
    await other.clock.advanceAsync(0);
    const row = renderToString(<coins.View {...other} />).split('>DOGE<')[1];
    expect(row).toContain('class="spark flat"><svg');
  });
});
