import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { Sparkline, type TimedValue, Toggles } from './index.ts';

const draw = (points: readonly TimedValue[], tone: 'up' | 'down' = 'up') =>
  renderToString(
    <Sparkline
      points={points}
      stepS={1}
      from={0}
      to={4}
      width={96}
      height={28}
      tone={tone}
      label="Ethereum, 7 days: up 2.00%"
    />,
  );

describe('Sparkline', () => {
  test('is one picture with a sentence, the whole line within its box', () => {
    const html = draw([
      { time: 0, value: 10 },
      { time: 1, value: 12 },
    ]);
    expect(html).toContain(
      '<span class="spark up" role="img" aria-label="Ethereum, 7 days: up 2.00%">',
    );
    expect(html).toContain('viewBox="-2 -2 96 28"');
    expect(html).toContain('d="M0 24L23 0"');
    expect(html).not.toContain('style=');
    expect(draw([{ time: 0, value: 1 }], 'down')).toContain('class="spark down"');
  });

  test('without a point is an empty box that says nothing', () => {
    for (const html of [draw([]), draw([{ time: 0, value: null }])]) {
      expect(html).toMatch(/^<span class="spark up"><svg[^>]*><\/svg><\/span>$/);
    }
  });
});

describe('Toggles', () => {
  test('are real buttons in a named group, and say which one is down', () => {
    const html = renderToString(
      <Toggles
        label="Range"
        value="7d"
        options={[
          { value: '24h', label: '24H' },
          { value: '7d', label: '7D' },
        ]}
        onChoose={() => {}}
      />,
    );
    expect(html).toContain('<legend class="hidden">Range</legend>');
    expect(html.match(/<button type="button" class="segment" aria-pressed="[^"]*">\w+/g)).toEqual([
      '<button type="button" class="segment" aria-pressed="false">24H',
      '<button type="button" class="segment" aria-pressed="true">7D',
    ]);
  });
});
