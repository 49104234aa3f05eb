import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../live/test-document.ts';
import { AmountCard } from './amount-card.tsx';
import { testPage, textOf } from './test-props.ts';

const HOUR_MS = 3_600_000;

const render = (page: ReturnType<typeof testPage>) =>
  renderToString(
    <AmountCard
      {...page}
      id="worth"
      title="card.market_cap"
      amountKey="market_cap"
      changeKey="market_cap_change_24h"
      flash="flat"
    />,
  );

describe('a card of one amount', () => {
  test('is dimmed and says so when it is out of date', () => {
    const html = render(testPage(testDocument(), 'vi', TEST_NOW_MS + HOUR_MS));
    expect(html).toContain('class="amount type-figure stale"');
    expect(textOf(html)).toContain('Số liệu cũ, |06:50 UTC| · CoinGecko');
  });

  test('is a dash with a reason while unknown', () => {
    const html = render(testPage(emptyTestDocument()));
    expect(html).toContain('popovertarget="worth-why"');
    expect(textOf(html)).toContain('No source has answered yet.');
    expect(html).not.toMatch(/NaN|null|undefined/);
  });
});
