import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../live/test-document.ts';
import { marketCap } from './market-cap/index.tsx';
import { testPage, textOf } from './test-props.ts';
import { volume } from './volume/index.tsx';

const HOUR_MS = 3_600_000;

describe('market cap and volume', () => {
  test('show amount, unit and change in both languages', () => {
    const cap = (language: 'vi' | 'en') =>
      textOf(renderToString(<marketCap.View {...testPage(testDocument(), language)} />));
    expect(cap('en')).toContain('Total market cap');
    expect(cap('en')).toContain('$2.62|T|');
    expect(cap('en')).toContain('▼ |−1.60%');
    expect(cap('vi')).toContain('2,62| nghìn tỷ US$');
    const traded = textOf(renderToString(<volume.View {...testPage(testDocument(), 'vi')} />));
    expect(traded).toContain('95,13| tỷ US$');
    expect(traded).toContain('▲ |+3,20%');
  });

  test('are stale together', () => {
    const page = testPage(testDocument(), 'vi', TEST_NOW_MS + HOUR_MS);
    for (const { View } of [marketCap, volume]) {
      const html = renderToString(<View {...page} />);
      expect(html).toContain('class="amount type-figure stale"');
      expect(textOf(html)).toContain('Số liệu cũ, |06:50 UTC| · CoinGecko');
    }
  });

  test('are a dash with a reason while unknown', () => {
    const page = testPage(emptyTestDocument());
    for (const { View } of [marketCap, volume]) {
      const html = renderToString(<View {...page} />);
      expect(html).toContain('popovertarget=');
      expect(textOf(html)).toContain('No source has answered yet.');
      expect(html).not.toMatch(/NaN|null|undefined/);
    }
  });
});
