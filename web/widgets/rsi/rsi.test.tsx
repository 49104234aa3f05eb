import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { applyPatch } from '../../../contract/index.ts';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { testPage, textOf } from '../test-props.ts';
import { rsi } from './index.tsx';

describe('the RSI card', () => {
  test('shows value and band in both languages and marks where it stands', () => {
    const en = renderToString(<rsi.View {...testPage(testDocument(), 'en')} />);
    expect(en).toContain('aria-label="Daily RSI 14: 33.45, Neutral"');
    expect(en).toContain('<div class="fact here"><dt>Neutral</dt>');
    const vi = textOf(renderToString(<rsi.View {...testPage(testDocument(), 'vi')} />));
    expect(vi).toContain('RSI(14) ngày');
    expect(vi).toContain('33,45|Trung tính');
    expect(vi).toContain('Quá bán|< 30');
  });

  test('shows the number of TAAPI beside it only when there is one', () => {
    const plain = textOf(renderToString(<rsi.View {...testPage(testDocument())} />));
    expect(plain).not.toContain('TAAPI');
    const both = applyPatch(testDocument(), { rsi_14_taapi: 33.4 });
    const html = textOf(renderToString(<rsi.View {...testPage(both)} />));
    expect(html).toContain('TAAPI|33.40');
  });

  test('says how old the number of TAAPI is when it alone is out of date', () => {
    const old = applyPatch(testDocument(), {
      rsi_14_taapi: 33.4,
      freshness: {
        rsi_14_taapi: { source: 'taapi', as_of: '2026-11-23T06:30:00Z', state: 'live' },
      },
    });
    const html = renderToString(<rsi.View {...testPage(old)} />);
    expect(textOf(html)).toContain('TAAPI · Out of date, 06:30 UTC|33.40');
    expect(html).toContain('class="gauge"');
  });

  test('dims when it is out of date', () => {
    const page = testPage(testDocument(), 'vi', TEST_NOW_MS + 3_600_000);
    const html = renderToString(<rsi.View {...page} />);
    expect(html).toContain('class="gauge stale"');
    expect(textOf(html)).toContain('Số liệu cũ, |06:59 UTC| · Binance');
  });

  test('draws an empty arc and a reason while unknown', () => {
    const html = renderToString(<rsi.View {...testPage(emptyTestDocument())} />);
    expect(html).toContain('aria-label="Daily RSI(14): Not available"');
    expect(html).toContain('popovertarget="rsi-why"');
    expect(html).not.toContain('fact here');
  });
});
