import { expect, test } from 'bun:test';
import { file, Glob } from 'bun';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Numbers of the list, as they stand. */
async function listed(): Promise<number[]> {
  const text = await file(new URL('./PITFALLS.md', import.meta.url)).text();
  return [...text.matchAll(/^(\d+)\. \S/gm)].map(([, number]) => Number(number));
}

/** Numbers that names of tests begin with. */
async function tested(): Promise<Set<number>> {
  const numbers = new Set<number>();
  for await (const path of new Glob('{server,e2e,simulator}/**/*.ts').scan(ROOT)) {
    if (!/(\.test|-contract)\.ts$/.test(path)) continue;
    const text = await file(ROOT + path).text();
    for (const [, number] of text.matchAll(/\(\s*['"`]pitfall (\d+): /g)) {
      numbers.add(Number(number));
    }
  }
  return numbers;
}

test('the pitfalls are numbered from 1 to 54 without a gap', async () => {
  expect(await listed()).toEqual(Array.from({ length: 54 }, (_, index) => index + 1));
});

test('every pitfall of the list has a test, and every test its pitfall', async () => {
  const list = await listed();
  const tests = await tested();
  expect({
    untested: list.filter((number) => !tests.has(number)),
    unlisted: [...tests].filter((number) => !list.includes(number)),
  }).toEqual({ untested: [], unlisted: [] });
});
