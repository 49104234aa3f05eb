import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import {
  Doughnut,
  FNG_SEGMENTS,
  Gauge,
  Icon,
  RSI_SEGMENTS,
  type Share,
  StateDot,
} from './index.ts';

const fng = (value: number | null, stale = false) =>
  renderToString(
    <Gauge
      value={value}
      segments={FNG_SEGMENTS}
      text={`${value}`}
      label="Fear"
      description="Fear & Greed: 26 of 100, Fear"
      stale={stale}
    />,
  );
const rotation = (html: string) => Number(/rotate\((-?[\d.]+)\)/.exec(html)?.[1]);
const count = (html: string, part: string) => html.split(part).length - 1;

describe('Gauge', () => {
  test('is one picture with a sentence for whoever does not see it', () => {
    const html = fng(26);
    expect(html).toContain('role="img"');
    expect(html).toContain('aria-label="Fear &amp; Greed: 26 of 100, Fear"');
    expect(html).toMatch(/<text class="gauge-number"[^>]*>26<\/text>/);
    expect(html).toMatch(/<text class="gauge-label"[^>]*>Fear<\/text>/);
    expect(html).toContain('viewBox="0 0 160 104"');
  });

  test('the needle runs from far left over the top to far right', () => {
    expect([0, 25, 50, 75, 100].map((value) => rotation(fng(value)))).toEqual([
      -90, -45, 0, 45, 90,
    ]);
  });

  test("draws five segments in the index's colours and marks the one of the value", () => {
    for (const [value, colour] of [
      [0, 1],
      [25, 1],
      [26, 2],
      [46, 2],
      [47, 3],
      [54, 3],
      [55, 4],
      [75, 4],
      [76, 5],
      [100, 5],
    ]) {
      const html = fng(Number(value));
      expect(count(html, '<path class="gauge-arc')).toBe(5);
      expect(count(html, 'gauge-arc here')).toBe(1);
      expect(html).toContain(`gauge-arc here" stroke="var(--gauge-${colour})"`);
    }
  });

  test('the RSI has three segments, and its ends warn', () => {
    const here = (value: number) =>
      /here" stroke="var\((--[\w-]+)\)"/.exec(
        renderToString(
          <Gauge value={value} segments={RSI_SEGMENTS} text="" label="" description="" />,
        ),
      )?.[1];
    expect(RSI_SEGMENTS).toHaveLength(3);
    expect([15.38, 33.45, 71].map(here)).toEqual(['--warn', '--gauge-3', '--warn']);
  });

  test('without a value it is an empty arc and a dash, without a needle', () => {
    const html = fng(null);
    expect(html).toContain('gauge-empty');
    expect(html).toContain('>—</text>');
    expect(html).not.toContain('gauge-needle');
    expect(html).not.toContain('null');
  });

  test('a stale value is dimmed', () => {
    expect(fng(26, true)).toContain('class="gauge stale"');
    expect(fng(26)).toContain('class="gauge"');
  });
});

describe('Doughnut', () => {
  const share = (name: string, percent: number | null): Share => ({
    name,
    percent,
    text: `${percent}%`,
    colour: `--share-${name}`,
  });
  const draw = (...shares: Share[]) =>
    renderToString(<Doughnut shares={shares} description="Dominance" />);

  test('draws and names every share', () => {
    const html = draw(share('btc', 57.95), share('eth', 9.58), share('rest', 32.47));
    expect(html).toContain('role="img" aria-label="Dominance"');
    expect(count(html, '<path')).toBe(3);
    for (const text of ['btc', '57.95%', 'eth', '9.58%', 'rest', '32.47%']) {
      expect(html).toContain(`>${text}</span>`);
    }
  });

  test('with one share unknown the ring is empty and what is known is still named', () => {
    const html = draw(share('btc', 57.95), share('eth', null), share('rest', null));
    expect(html).toContain('doughnut-empty');
    expect(count(html, '<path')).toBe(0);
    expect(html).toContain('>57.95%</span>');
    expect(count(html, '>—</span>')).toBe(2);
  });

  test('a share of everything is a closed ring, one of nothing is not drawn', () => {
    const html = draw(share('btc', 100), share('eth', 0));
    expect(count(html, '<path')).toBe(1);
    expect(html).toMatch(/ d="[^"]*Z"/);
    expect(html).not.toContain('NaN');
  });

  test('with nothing to divide it draws nothing', () => {
    const html = draw(share('btc', 0), share('eth', 0));
    expect(count(html, '<path')).toBe(0);
    expect(html).not.toContain('NaN');
  });
});

describe('small shapes', () => {
  test('the connection has four shapes, each hidden from assistive technology', () => {
    const shapes = (['live', 'connecting', 'polling', 'offline'] as const).map((state) =>
      renderToString(<StateDot state={state} />).replace(/class="[^"]*"/, ''),
    );
    expect(new Set(shapes).size).toBe(4);
    for (const shape of shapes) expect(shape).toContain('aria-hidden="true"');
  });

  test('a connection that brings no figures does not look healthy', () => {
    const html = renderToString(<StateDot state="no_data" />);
    expect(html).toContain('class="state-dot warn"');
  });

  test('an icon is one hidden path', () => {
    const html = renderToString(<Icon name="refresh" />);
    expect(html).toContain('aria-hidden="true"');
    expect(count(html, '<path')).toBe(1);
  });
});
