import { expect, test } from 'bun:test';
import { THEME_COLORS } from './theme-color.ts';

test('the colour of the browser’s bars is the page’s own background', async () => {
  const css = await Bun.file(new URL('../ui/tokens.css', import.meta.url)).text();
  const grounds = [...css.matchAll(/--bg: (#[0-9a-f]{6});/gi)].map((match) => match[1]);
  expect(grounds[0]).toBe(THEME_COLORS.light);
  expect(grounds[1]).toBe(THEME_COLORS.dark);
});
