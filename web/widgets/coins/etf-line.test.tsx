import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { applyPatch, type DashboardDocument } from '../../../contract/index.ts';
import type { Language } from '../../i18n/index.ts';
import { streamedDocument } from '../../live/test-streamed-document.ts';
import { testPage, textOf } from '../test-props.ts';
import { EtfLine } from './etf-line.tsx';

const lineOf = (document: DashboardDocument, ...rest: [language?: Language, nowMs?: number]) =>
  renderToString(<EtfLine {...testPage(document, ...rest)} />);

const allFunds = (change: Readonly<Record<string, string | number | null>>) =>
  applyPatch(streamedDocument(), { us_etfs: { SPY: change, DIA: change, QQQ: change } });

/** Friday, 15:00 in New York. */
const IN_SESSION_MS = Date.UTC(2026, 10, 20, 20, 0);

describe('the line of US funds', () => {
  test('is not there without a key', () => {
    expect(lineOf(streamedDocument({ us_etfs: null }))).toBe('');
  });

  test('shows price and change of each, live and undimmed during a session', () => {
    const open = allFunds({ state: 'live', as_of: '2026-11-20T19:59:30Z' });
    const html = lineOf(open, 'en', IN_SESSION_MS);
    expect(textOf(html)).toContain('US ETFs: SPY, DIA, QQQ|Source: Finnhub · |19:59 UTC|SPY|');
    expect(textOf(html)).toMatch(/SPY\|\$671\.20\|▲ \|\+0\.12%\|.*DIA\|\$463\.05\|▼ \|−0\.31%\|/);
    expect(html).not.toContain('stale');
  });

  test('says that the market is closed, and how old the prices are, in both languages', () => {
    const html = lineOf(streamedDocument());
    expect(textOf(html)).toContain('US market closed|Out of date, |Nov 20, 2026| · Finnhub|');
    expect(html.match(/amount type-body stale/g)).toHaveLength(3);
    expect(textOf(lineOf(streamedDocument(), 'vi'))).toContain(
      '|Quỹ ETF Mỹ: SPY, DIA, QQQ|Thị trường Mỹ đóng cửa|Số liệu cũ, |20/11/2026| · Finnhub|',
    );
  });

  test('does not call a market closed whose session is on, whatever the prices do', () => {
    const stuck = allFunds({ as_of: '2026-11-20T19:00:00Z' });
    const text = textOf(lineOf(stuck, 'en', IN_SESSION_MS));
    expect(text).toContain('|Out of date, |19:00 UTC| · Finnhub|');
    expect(text).not.toContain('closed');
  });

  test('gives the age of the fund that is the furthest behind', () => {
    const one = applyPatch(allFunds({ state: 'live', as_of: '2026-11-20T19:59:30Z' }), {
      us_etfs: { DIA: { state: 'stale', as_of: '2026-11-20T19:10:00Z' } },
    });
    const html = lineOf(one, 'en', IN_SESSION_MS);
    expect(textOf(html)).toContain('|Out of date, |19:10 UTC| · Finnhub|SPY|');
    expect(html.match(/amount type-body stale/g)).toHaveLength(1);
  });

  test('puts a reason behind the dash of a fund that was never read', () => {
    const none = allFunds({ price_usd: null, state: 'unavailable', as_of: null, source: null });
    const html = lineOf(none);
    expect(textOf(html)).toContain('US ETFs: SPY, DIA, QQQ|Not available|SPY|—|');
    expect(html).toContain('aria-label="Why is Dow Jones not available?"');
    expect(html).not.toContain('closed');
  });
});
