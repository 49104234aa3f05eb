import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { applyPatch } from '../../../contract/index.ts';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { historyPage, liveTestPage, testPage, textOf } from '../test-props.ts';
import { fng } from './index.tsx';

const DAY_MS = 86_400_000;

describe('the Fear & Greed card', () => {
  test('shows value, band, history and the next update in both languages', () => {
    const en = renderToString(<fng.View {...liveTestPage(testDocument(), 'en')} />);
    expect(en).toContain('aria-label="Fear &amp; Greed: 26 of 100, Fear"');
    expect(textOf(en)).toContain('Yesterday|28|Fear');
    expect(textOf(en)).toContain('7 days ago|22|Extreme fear');
    expect(textOf(en)).toContain('Next update in 17 h');
    const vi = textOf(renderToString(<fng.View {...liveTestPage(testDocument(), 'vi')} />));
    expect(vi).toContain('Hôm qua|28|Sợ hãi');
    expect(vi).toContain('Cập nhật sau 17 giờ nữa');
  });

  test('leaves a dash where the series has a hole', () => {
    const html = textOf(renderToString(<fng.View {...testPage(testDocument())} />));
    expect(html).toContain('30 days ago|—|');
  });

  test('names an unknown label by the band of its value', () => {
    const odd = applyPatch(testDocument(), { fng_value: 80, fng_label: 'Euphoria' });
    expect(textOf(renderToString(<fng.View {...testPage(odd, 'vi')} />))).toContain(
      'Tham lam tột độ',
    );
  });

  test('says that a new value is due once it is', () => {
    const page = testPage(testDocument(), 'en', TEST_NOW_MS + DAY_MS);
    expect(textOf(renderToString(<fng.View {...page} />))).toContain('Next value is due');
  });

  test('is stale after thirty hours and dims', () => {
    const page = testPage(testDocument(), 'en', TEST_NOW_MS + DAY_MS);
    const html = renderToString(<fng.View {...page} />);
    expect(html).toContain('class="gauge stale"');
    expect(textOf(html)).toContain('Out of date, |Nov 23, 2026|');
  });

  test('draws an empty arc and a reason while unknown', () => {
    const html = renderToString(<fng.View {...testPage(emptyTestDocument())} />);
    expect(html).toContain('gauge-empty');
    expect(html).toContain('aria-label="Fear &amp; Greed: Not available"');
    expect(html).toContain('popovertarget="fng-why"');
  });

  test('keeps room for the line of thirty days and says nothing of it before it is there', () => {
    const html = renderToString(<fng.View {...testPage(testDocument())} />);
    expect(html).toMatch(/<p class="note">30\u00a0days<\/p><span class="spark flat"><svg/);
  });

  test('draws a value a day, and breaks the line where the series has a hole', async () => {
    const page = historyPage({ hole: [0.4, 0.45] });
    page.live.history.show('fng', '30d');
    await page.clock.advanceAsync(0);
    const html = renderToString(<fng.View {...page} />);
    expect(html).toMatch(
      /aria-label="Fear &amp; Greed, 30\u00a0days: from \d+ to 26; high \d+, low \d+\."/,
    );
    expect(
      / d="([^"]*)"/.exec(html.slice(html.indexOf('fng-past')))?.[1]?.match(/M/g),
    ).toHaveLength(2);
  });
});
