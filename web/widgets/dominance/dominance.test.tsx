import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { applyPatch } from '../../../contract/index.ts';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { testPage, textOf } from '../test-props.ts';
import { dominance } from './index.tsx';

describe('the dominance card', () => {
  test('shows the three shares in both languages', () => {
    const en = renderToString(<dominance.View {...testPage(testDocument(), 'en')} />);
    expect(en).toContain('aria-label="Dominance: Bitcoin 57.95%, Ethereum 9.58%, others 32.47%"');
    const vi = textOf(renderToString(<dominance.View {...testPage(testDocument(), 'vi')} />));
    expect(vi).toContain('Bitcoin|57,95%|');
    expect(vi).toContain('Còn lại|32,47%');
  });

  test('does not invent the rest when one share is unknown', () => {
    const half = applyPatch(testDocument(), { eth_dominance: null });
    const html = textOf(renderToString(<dominance.View {...testPage(half)} />));
    expect(html).toContain('Bitcoin|57.95%');
    expect(html).toContain('Ethereum|—|');
    expect(html).toContain('Others|—|');
  });

  test('dims when it is out of date', () => {
    const page = testPage(testDocument(), 'en', TEST_NOW_MS + 3_600_000);
    expect(renderToString(<dominance.View {...page} />)).toContain('class="doughnut stale"');
  });

  test('is a dash with a reason while unknown', () => {
    const html = renderToString(<dominance.View {...testPage(emptyTestDocument())} />);
    expect(html).toContain('popovertarget="dominance-why"');
    expect(html).not.toContain('doughnut');
  });
});
