import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEGRADED, PATHS } from '../../contract/index.ts';
import { blocksOf } from '../blocks-of.ts';
import { NO_UPSTREAMS } from '../no-upstreams.ts';
import { type RunningServer, startServer } from '../start-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILES = ['README.md', 'README.vi.md'];

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ environment: NO_UPSTREAMS });
});
afterAll(() => server?.stop());

test.each(FILES)('what %s shows of /readyz has the form that a node answers', async (file) => {
  const [example = ''] = blocksOf(join(ROOT, file), 'json').filter((text) =>
    text.includes('"ready"'),
  );
  const answer = await (await fetch(server.url + PATHS.ready)).json();
  expect(formOf(JSON.parse(example))).toEqual(formOf(answer));
});

/** The names of what is in it, and what kind each is. */
const formOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return Array.isArray(value) ? 'list' : typeof value;
  }
  return Object.entries(value).map(([name, part]) => [name, formOf(part)]);
};

test.each(FILES)('%s says of everything that can be amiss what it means', async (file) => {
  const rows = (await Bun.file(join(ROOT, file)).text()).matchAll(/^\| `([a-z_]+)` \|/gm);
  const explained = [...rows].map(([, word]) => word);
  expect(explained).toEqual([...DEGRADED]);
});
