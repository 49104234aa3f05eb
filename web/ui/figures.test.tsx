import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import type { FigureState } from '../../contract/index.ts';
import { formatAmount, formatChange, formatPriceParts } from '../format/index.ts';
import { translator } from '../i18n/index.ts';
import { Amount, Card, Change, FigureNote, Price, Sentence, Unavailable } from './index.ts';

const t = translator('en');
const text = (html: string) => html.replace(/<[^>]*>/g, '').replaceAll('&#160;', '\u00a0');

describe('Amount', () => {
  test('sets number and unit apart, and still reads as one text', () => {
    const amount = formatAmount(2621040321355.0405, 'vi');
    const html = renderToString(<Amount value={amount} />);
    expect(html).toContain('<span class="unit">\u00a0nghìn\u00a0tỷ\u00a0US$</span>');
    expect(text(html)).toBe(amount.text);
  });

  test('an English unit stays glued to its number', () => {
    const html = renderToString(<Amount value={formatAmount(95133256404, 'en')} />);
    expect(html).toContain('$95.13<span class="unit-glued">B</span>');
  });

  test('takes a plain string, and a dash for nothing', () => {
    expect(renderToString(<Amount value="$1.00" size="body" />)).toBe(
      '<span class="amount type-body">$1.00</span>',
    );
    expect(renderToString(<Amount value={null} />)).toBe(
      '<span class="amount type-figure stale">—</span>',
    );
  });

  test('a price is the largest type; stale is dimmed, a change tinted', () => {
    const html = renderToString(<Price value={formatPriceParts(77705, 'vi')} stale flash="up" />);
    expect(html).toContain('class="amount type-hero stale flash-up"');
    expect(text(html)).toBe('77.705,00\u00a0US$');
  });
});

describe('Change', () => {
  test('says it with arrow, sign and colour; only the sign is spoken', () => {
    const html = renderToString(<Change change={formatChange(-1.41, 'en')} period="24h" />);
    expect(html).toContain('class="change type-body down"');
    expect(html).toContain('<span class="arrow" aria-hidden="true">▼\u00a0</span>−1.41%');
    expect(text(html)).toBe('▼\u00a0−1.41% 24h');
  });

  test('zero has no arrow and no colour of its own', () => {
    expect(renderToString(<Change change={formatChange(0, 'en')} />)).toBe(
      '<span class="change type-body flat">0.00%</span>',
    );
  });

  test('stale keeps the arrow and loses the colour; nothing is a dash', () => {
    const html = renderToString(<Change change={formatChange(2, 'en')} stale />);
    expect(html).toContain('class="change type-body stale"');
    expect(html).toContain('▲');
    expect(text(renderToString(<Change change={null} />))).toBe('—');
  });
});

describe('FigureNote', () => {
  const note = (state: FigureState, datetime: string | null = '2026-11-23T07:00:00Z') =>
    renderToString(
      <FigureNote t={t} state={state} source="Kraken" when="07:00 UTC" datetime={datetime} />,
    );

  test('a live figure names its source and its time', () => {
    expect(note('live')).toBe(
      '<p class="note">Source: Kraken · <time datetime="2026-11-23T07:00:00Z">07:00 UTC</time></p>',
    );
  });

  test('a stale figure says so first', () => {
    expect(text(note('stale'))).toBe('Out of date, 07:00 UTC · Kraken');
  });

  test('a figure that was never read has no time', () => {
    expect(text(note('unavailable'))).toBe('Not available');
    expect(note('live', null)).not.toContain('<time');
  });
});

describe('Unavailable', () => {
  test('is a real button that opens its reason without a script', () => {
    const html = renderToString(
      <Unavailable t={t} id="why-cap" figure="Total market cap" reason="CoinGecko: timed out" />,
    );
    expect(html).toMatch(/<button type="button"[^>]* popovertarget="why-cap"/);
    expect(html).toContain('aria-label="Why is Total market cap not available?"');
    expect(html).toMatch(/id="why-cap" popover="auto">CoinGecko: timed out</);
  });
});

describe('Card', () => {
  test('is a section named by its heading, with its note at the foot', () => {
    const html = renderToString(
      <Card id="cap" title="Total market cap" note="Source" class="col-3">
        body
      </Card>,
    );
    expect(html).toContain('<section class="card col-3" aria-labelledby="cap-title">');
    expect(html).toContain('<h2 class="card-title" id="cap-title">Total market cap</h2>');
    expect(html).toContain('<footer class="card-note">Source</footer>');
  });
});

describe('Sentence', () => {
  test('puts elements where the language wants them', () => {
    const command = <code>npm run demo</code>;
    expect(renderToString(<Sentence text={t('hint.demo')} parts={{ command }} />)).toBe(
      'No internet here? <code>npm run demo</code> shows the page with simulated data.',
    );
    expect(
      renderToString(<Sentence text={translator('vi')('hint.demo')} parts={{ command }} />),
    ).toBe('Không có mạng? <code>npm run demo</code> mở trang này với dữ liệu mô phỏng.');
  });
});
