import { describe, expect, test } from 'bun:test';

/** Relative luminance and contrast as WCAG 2.2 defines them: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

type Palette = ReadonlyMap<string, string>;

const css = await Bun.file(`${import.meta.dir}/tokens.css`).text();

/** The colours declared in the block that begins with `selector`. */
function palette(selector: string): Palette {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf('}', start));
  return new Map(
    [...block.matchAll(/(--[\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [
      `${name}`,
      `${hex}`,
    ]),
  );
}

const light = palette(':root');
const dark = palette(':root[data-theme="dark"]');
const THEMES: [string, Palette][] = [
  ['light', light],
  ['dark', dark],
];
const GROUNDS = ['--bg', '--surface', '--surface-2'];
const TEXTS = ['--text', '--muted', '--accent', '--up', '--down', '--up-cb', '--down-cb', '--warn'];
const TINTED = ['--up', '--down', '--up-cb', '--down-cb', '--accent', '--warn'];
const GRAPHICS = [
  '--border-strong',
  ...['--gauge-1', '--gauge-2', '--gauge-3', '--gauge-4', '--gauge-5'],
  ...['--gauge-1-cb', '--gauge-2-cb', '--gauge-4-cb', '--gauge-5-cb'],
  ...['--share-btc', '--share-eth', '--share-rest'],
];

/** Pairs that fall short, for a message that says which. */
function below(colours: Palette, floor: number, pairs: (readonly [string, string])[]): string[] {
  return pairs.flatMap(([name, ground]) => {
    const ratio = contrast(colours.get(name) ?? '#000000', colours.get(ground) ?? '#000000');
    return ratio >= floor ? [] : [`${name} on ${ground}: ${ratio.toFixed(2)}`];
  });
}
const onGrounds = (names: string[]) =>
  names.flatMap((name) => GROUNDS.map((ground) => [name, ground] as const));

describe('colours', () => {
  test('the formula agrees with the known ends of the scale', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  test.each(THEMES)('every text of the %s theme has 4.5 on all three grounds', (_, colours) => {
    expect(below(colours, 4.5, onGrounds(TEXTS))).toEqual([]);
    expect(below(colours, 4.5, [['--on-accent', '--accent']])).toEqual([]);
  });

  test.each(THEMES)('text of the %s theme has 4.5 on every tint', (_, colours) => {
    const pairs = TINTED.flatMap((name) =>
      [name, '--text', '--muted'].map((text) => [text, `${name}-tint`] as const),
    );
    expect(below(colours, 4.5, pairs)).toEqual([]);
  });

  test.each(THEMES)('every shape of the %s theme has 3 on all three grounds', (_, colours) => {
    expect(below(colours, 3, onGrounds(GRAPHICS))).toEqual([]);
  });

  test('both themes have the same colours, and a device that is dark gets the dark ones', () => {
    expect([...dark.keys()]).toEqual([...light.keys()]);
    expect(light.size).toBe(32);
    expect(palette(':root:not([data-theme="light"])')).toEqual(new Map(dark));
  });

  test('paper never gets the dark values', () => {
    const beforeDark = css.split('color-scheme: dark;').slice(0, -1);
    expect(beforeDark).toHaveLength(2);
    for (const text of beforeDark) {
      expect(text.slice(text.lastIndexOf('@media'))).toStartWith('@media screen');
    }
  });
});
