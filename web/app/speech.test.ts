import { describe, expect, test } from 'bun:test';
import { applyPatch } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { type Language, translator } from '../i18n/index.ts';
import { createLive } from '../live/index.ts';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../live/test-document.ts';
import { linkText, newsText, titleText } from './speech.ts';

const wordsOf = (language: Language) => ({
  language,
  t: translator(language),
  timeZone: 'Asia/Ho_Chi_Minh',
});
const en = wordsOf('en');
const vi = wordsOf('vi');
const LAST_MS = TEST_NOW_MS - 30_000;
const AT = { lastUpdatedMs: () => LAST_MS, nowMs: TEST_NOW_MS };

describe('the connection in words', () => {
  test('counts attempts and names the interval', () => {
    expect(linkText(vi, { state: 'reconnecting', attempt: 2, max: 5 }, AT)).toBe(
      'Đang kết nối lại (lần 2/5)',
    );
    expect(linkText(en, { state: 'polling', intervalS: 30 }, AT)).toBe('Updating every 30\u00a0s');
  });

  test('names the time of the figures when they stand still', () => {
    expect(linkText(en, { state: 'offline' }, AT)).toBe('Offline · figures from 13:59');
    expect(linkText(vi, { state: 'paused' }, AT)).toBe('Tạm dừng · số liệu lúc 13:59');
    expect(linkText(en, { state: 'offline' }, { ...AT, lastUpdatedMs: () => null })).toContain('—');
  });

  test('names the day of figures that are not of today', () => {
    const old = { ...AT, lastUpdatedMs: () => TEST_NOW_MS - 86_400_000 };
    expect(linkText(en, { state: 'offline' }, old)).toBe('Offline · figures from Nov 22, 2026');
  });
});

describe('a notice in words', () => {
  test('names sources, figures, times and durations', () => {
    const say = (news: Parameters<typeof newsText>[1]) => newsText(en, news, TEST_NOW_MS);
    expect(say({ kind: 'lost' })).toBe('Connection lost. Trying again.');
    expect(say({ kind: 'restored', afterMs: 42_400 })).toBe('Connected again after 42\u00a0s.');
    expect(say({ kind: 'source_failed', source: 'coingecko', atMs: LAST_MS })).toBe(
      'CoinGecko does not answer; its figures stay as of 13:59.',
    );
    expect(say({ kind: 'source_back', source: 'alternative_me' })).toBe('alternative.me is back.');
    expect(say({ kind: 'source_switched', figures: ['btc'], source: 'kraken' })).toBe(
      'Bitcoin price: now from Kraken.',
    );
    const many = ['btc', 'rsi', 'coins', 'coin:SOL'] as const;
    expect(newsText(vi, { kind: 'source_switched', figures: many, source: 'kraken' }, 0)).toBe(
      'Giá Bitcoin, RSI(14) ngày, Giá các đồng coin, SOL: chuyển sang nguồn Kraken.',
    );
    expect(say({ kind: 'throttled', retryAfterS: 0.2 })).toBe(
      'Just refreshed. Try again in 1\u00a0s.',
    );
    expect(say({ kind: 'offline', atMs: LAST_MS })).toContain('13:59');
    expect(say({ kind: 'polling', intervalS: 30 })).toContain('30');
  });
});

describe('the title', () => {
  const btcOf = (document = testDocument(), nowMs = TEST_NOW_MS) => {
    const visibility = { isHidden: () => false, onChange: () => () => {} };
    const clock = createManualClock(nowMs);
    const live = createLive({ clock, visibility }, { document, renderedAtMs: nowMs });
    return live.figures.btc.value;
  };

  test('is price and change', () => {
    expect(titleText(en, btcOf(), TEST_NOW_MS)).toBe(
      '$77,705.00 · ▼\u00a0−1.41% · Bitcoin · Marketcast',
    );
  });

  test('leaves an unknown change out, and has no price at all before the first', () => {
    const noChange = applyPatch(testDocument(), { coins: { BTC: { change_24h: null } } });
    expect(titleText(en, btcOf(noChange), TEST_NOW_MS)).toBe('$77,705.00 · Bitcoin · Marketcast');
    expect(titleText(vi, btcOf(noChange), TEST_NOW_MS)).toBe(
      '77.705,00\u00a0US$ · Bitcoin · Marketcast',
    );
    expect(titleText(vi, btcOf(emptyTestDocument()), TEST_NOW_MS)).toBe(
      'Thị trường crypto trực tiếp · Marketcast',
    );
  });

  test('begins with the time of a price that is out of date', () => {
    const later = TEST_NOW_MS + 600_000;
    expect(titleText(en, btcOf(testDocument(), later), later)).toStartWith('(13:59) $77,705.00');
  });
});
