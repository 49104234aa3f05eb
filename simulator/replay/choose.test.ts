import { describe, expect, test } from 'bun:test';
import { bestOf, newestComplete } from './choose.ts';
import { fngRoute } from './fng.ts';
import { simplePriceRoute } from './simple-price.ts';
import { recording } from './test-recording.ts';

const price = (usd: number, rest: Parameters<typeof recording>[1] = {}, at?: number) =>
  recording(JSON.stringify({ bitcoin: { usd, ...(at && { last_updated_at: at }) } }), rest);
const at = (date: string) => Date.parse(date) / 1000;
const chosen = (...recordings: ReturnType<typeof recording>[]) =>
  newestComplete(simplePriceRoute, recordings)?.recording.body;

describe('newestComplete', () => {
  test('goes by the time inside, else by the Date header, else by the date in the name', () => {
    const named = price(1, { file: 'price_2026-03-01.json' });
    const dated = price(2, { headers: { date: 'Sun, 01 Feb 2026 00:00:00 GMT' } });
    const inside = price(3, { file: 'price_2020-01-01.json' }, at('2026-01-01'));
    expect(chosen(inside, dated, named)).toEqual(named.body);
    expect(chosen(inside, dated)).toEqual(dated.body);
    expect(chosen(inside, price(4))).toEqual(inside.body);
  });

  test('takes the last date of a name that has two', () => {
    const two = price(1, { file: '2019-01-01_to_2026-06-06.json' });
    expect(chosen(price(2, { file: '2025-01-01.json' }), two)).toEqual(two.body);
  });

  test('prefers, of two of the same moment, the one with headers', () => {
    const bare = price(1, {}, 5);
    const exchanged = price(1, { headers: { age: '3' } }, 5);
    expect(newestComplete(simplePriceRoute, [bare, exchanged])?.recording).toBe(exchanged);
  });

  test('passes over what says of itself that it is not whole', () => {
    const whole = price(1, { file: 'price_2020-01-01.json' });
    const wrapped = recording('{"note":"n","bitcoin":{"usd":1}}', { file: '2026-01-01.json' });
    expect(
      chosen(
        whole,
        price(2, { file: 'price_2026-01-01.partial.json' }),
        price(3, { file: 'price_2026-01-01.trimmed.json' }),
        wrapped,
      ),
    ).toEqual(whole.body);
    expect(chosen(price(2, { file: 'a.partial.json' }))).toBeUndefined();
    expect(chosen(price(2, { file: 'impartial.json' }))).toBeDefined();
  });

  test('takes what is short only where there is nothing longer', () => {
    const index = (days: number, newestS: number) =>
      recording(
        JSON.stringify(
          Array.from({ length: days }, (_, i) => ({
            value: '50',
            timestamp: String(newestS - i * 86_400),
          })),
        ),
      );
    const [short, shorter, history] = [index(30, 9e8), index(2, 9.5e8), index(40, 8e8)];
    const chosenOf = (...recordings: ReturnType<typeof recording>[]) =>
      newestComplete(fngRoute, recordings)?.recording;
    expect(chosenOf(short, history, shorter)).toBe(history);
    expect(chosenOf(short, shorter)).toBe(shorter);
  });

  test('says which others belong to the same series, none of which is partial or of another path', () => {
    const day = (at: number) => JSON.stringify([{ value: '50', timestamp: String(at) }]);
    const [newest, older] = [recording(day(9e8)), recording(day(8e8))];
    const partial = recording(day(7e8), { file: 'fng.partial.json' });
    const elsewhere = recording(day(6e8), { request: new URL('https://host/other') });
    const choice = newestComplete(fngRoute, [older, partial, newest, elsewhere, price(1)]);
    expect(choice?.recording).toBe(newest);
    expect(choice?.added).toEqual([older]);
    expect(newestComplete(simplePriceRoute, [price(1), price(2)])?.added).toEqual([]);
  });

  test('passes over answers to another path', () => {
    const request = (path: string) => ({ request: new URL(`https://host${path}`) });
    expect(chosen(price(1, request('/api/v3/other')))).toBeUndefined();
    expect(chosen(price(1, request('/api/v3/simple/price/?ids=bitcoin')))).toBeDefined();
  });
});

test('bestOf takes what is not whole when there is nothing else', () => {
  const partial = price(2, { file: 'a.partial.json' }, at('2026-01-01'));
  expect(bestOf(simplePriceRoute, [partial])).toMatchObject({ isComplete: false });
  const whole = price(1, {}, at('2020-01-01'));
  expect(bestOf(simplePriceRoute, [partial, whole])?.recording).toBe(whole);
  expect(bestOf(simplePriceRoute, [])).toBeNull();
});
