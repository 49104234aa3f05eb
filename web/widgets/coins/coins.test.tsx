import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { applyPatch } from '../../../contract/index.ts';
import { TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { testPage, textOf } from '../test-props.ts';
import { coins } from './index.tsx';

const ETH = {
  price_usd: 2804.12,
  change_24h: 0.84,
  source: 'binance',
  as_of: '2026-11-23T06:59:55Z',
  state: 'live',
  stale_after_s: 60,
};

describe('the coins card', () => {
  test('is not there while only Bitcoin has a price', () => {
    expect(renderToString(<coins.View {...testPage(testDocument())} />)).toBe('');
  });

  test('has a row for each coin in the order of the configuration, in both languages', () => {
    const two = applyPatch(testDocument(), { coins: { ETH } });
    const en = textOf(renderToString(<coins.View {...testPage(two, 'en')} />));
    expect(en).toContain(
      '|BTC|Bitcoin|$77,705.00|▼ |−1.41%|—|—|—|ETH|Ethereum|$2,804.12|▲ |+0.84%|',
    );
    const vi = textOf(renderToString(<coins.View {...testPage(two, 'vi')} />));
    expect(vi).toContain('Giá các đồng coin');
    expect(vi).toContain('|2.804,12 US$|');
  });

  test('dims a row that is out of date and says how old it is', () => {
    const two = applyPatch(testDocument(), { coins: { ETH } });
    const page = testPage(two, 'en', TEST_NOW_MS + 3_600_000);
    const html = renderToString(<coins.View {...page} />);
    expect(html).toContain('amount type-body stale');
    expect(textOf(html)).toContain('Ethereum|Out of date, 06:59 UTC|');
  });

  test('puts a reason behind the dash of a coin without a price', () => {
    const three = applyPatch(testDocument(), {
      coins: { ETH, SOL: { ...ETH, name: 'Solana', price_usd: null } },
    });
    const html = renderToString(<coins.View {...testPage(three)} />);
    expect(html).toContain('aria-label="Why is Solana not available?"');
  });
});
