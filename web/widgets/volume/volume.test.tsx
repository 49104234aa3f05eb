import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { testPage, textOf } from '../test-props.ts';
import { volume } from './index.tsx';

const HOUR_MS = 3_600_000;

describe('the volume card', () => {
  test('shows amount, unit and change in both languages', () => {
    const en = textOf(renderToString(<volume.View {...testPage(testDocument(), 'en')} />));
    expect(en).toContain('24h volume');
    expect(en).toContain('$95.13|B|');
    expect(en).toContain('▲ |+3.20%');
    const vi = textOf(renderToString(<volume.View {...testPage(testDocument(), 'vi')} />));
    expect(vi).toContain('95,13| tỷ US$');
    expect(vi).toContain('▲ |+3,20%');
  });

  test('is dimmed and says so when it is out of date', () => {
    const page = testPage(testDocument(), 'vi', TEST_NOW_MS + HOUR_MS);
    const html = renderToString(<volume.View {...page} />);
    expect(html).toContain('class="amount type-figure stale"');
    expect(textOf(html)).toContain('Số liệu cũ, |06:50 UTC| · CoinGecko');
  });

  test('is a dash with a reason while unknown', () => {
    const html = renderToString(<volume.View {...testPage(emptyTestDocument())} />);
    expect(html).toContain('popovertarget="volume-why"');
    expect(textOf(html)).toContain('No source has answered yet.');
    expect(html).not.toMatch(/NaN|null|undefined/);
  });
});
