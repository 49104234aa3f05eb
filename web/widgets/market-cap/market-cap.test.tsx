import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { testPage, textOf } from '../test-props.ts';
import { marketCap } from './index.tsx';

const HOUR_MS = 3_600_000;

describe('the market cap card', () => {
  test('shows amount, unit and change in both languages', () => {
    const en = textOf(renderToString(<marketCap.View {...testPage(testDocument(), 'en')} />));
    expect(en).toContain('Total market cap');
    expect(en).toContain('$2.62|T|');
    expect(en).toContain('▼ |−1.60%');
    const vi = textOf(renderToString(<marketCap.View {...testPage(testDocument(), 'vi')} />));
    expect(vi).toContain('2,62| nghìn tỷ US$');
  });

  test('is dimmed and says so when it is out of date', () => {
    const page = testPage(testDocument(), 'vi', TEST_NOW_MS + HOUR_MS);
    const html = renderToString(<marketCap.View {...page} />);
    expect(html).toContain('class="amount type-figure stale"');
    expect(textOf(html)).toContain('Số liệu cũ, |06:50 UTC| · CoinGecko');
  });

  test('is a dash with a reason while unknown', () => {
    const html = renderToString(<marketCap.View {...testPage(emptyTestDocument())} />);
    expect(html).toContain('popovertarget="market-cap-why"');
    expect(textOf(html)).toContain('No source has answered yet.');
    expect(html).not.toMatch(/NaN|null|undefined/);
  });
});
