import { afterEach, describe, expect, test } from 'bun:test';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { freePort } from '../free-port.ts';
import { NO_UPSTREAMS } from '../no-upstreams.ts';
import { until } from '../until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Ends what a test began, last things first. */
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

describe('the image', () => {
  const dockerfile = read('Dockerfile');
  /** The words of an instruction in its exec form. */
  const words = (instruction: RegExp): string[] =>
    v.parse(
      v.pipe(v.string(), v.parseJson(), v.array(v.string())),
      instruction.exec(dockerfile)?.[1],
    );

  /** A folder with what `.dockerignore` lets in, and the packages that `npm ci --omit=dev` would bring. */
  function unpack(): string {
    const app = mkdtempSync(join(tmpdir(), 'marketcast-image-'));
    ends.push(() => rmSync(app, { recursive: true, force: true }));
    for (const path of packed()) {
      mkdirSync(dirname(join(app, path)), { recursive: true });
      cpSync(join(ROOT, path), join(app, path));
    }
    for (const path of installed()) {
      mkdirSync(dirname(join(app, path)), { recursive: true });
      symlinkSync(join(ROOT, path), join(app, path));
    }
    return app;
  }

  test('holds all that the server needs, and no test; it says when it is well, and stops when told', async () => {
    const app = unpack();
    expect([...new Bun.Glob('{contract,client,server,web}/**/*.test.*').scanSync(app)]).toEqual([]);
    const port = String(await freePort());
    const env = {
      PATH: process.env.PATH ?? '',
      HOST: '127.0.0.1',
      PORT: port,
      DATA_DIR: join(app, 'data'),
      REDIS_URL: 'off',
      ...NO_UPSTREAMS,
    };
    const run = (command: string[]) =>
      Bun.spawn(command, { cwd: app, env, stdio: ['ignore', 'ignore', 'inherit'] });
    const isWell = () => run(words(/^HEALTHCHECK [\s\S]*?CMD (\[.*\])$/m)).exited;
    const server = run(words(/^CMD (\[.*\])$/m));
    ends.push(() => server.kill('SIGKILL'));
    await until(isWell, (code) => code === 0);
    expect(await (await fetch(`http://127.0.0.1:${port}/crypto_report`)).text()).toContain(
      'Marketcast',
    );
    server.kill('SIGTERM');
    expect(await server.exited).toBe(0);
    expect(await isWell()).toBe(1);
  });

  test('runs as an ordinary user, on files that are there before it', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, list = '']) =>
      list.split(' '),
    );
    expect(copied).toContain('package-lock.json');
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(dockerfile).toContain('RUN npm ci --omit=dev');
  });
});

/** The files that `.dockerignore` lets in: everything is out, but for what is named, but for what is named after that. */
function packed(): string[] {
  const [everything, ...rules] = read('.dockerignore')
    .split('\n')
    .filter((line) => !/^(#|$)/.test(line));
  if (everything !== '*') throw new Error('.dockerignore must begin by leaving everything out');
  const kept = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
  const left = rules.filter((rule) => !rule.startsWith('!')).map((rule) => new Bun.Glob(rule));
  return kept
    .flatMap((path) => [path, ...new Bun.Glob(`${path}/**`).scanSync({ cwd: ROOT, dot: true })])
    .filter((path) => statSync(join(ROOT, path)).isFile())
    .filter((path) => !left.some((rule) => rule.match(path)));
}

const LOCK = v.object({
  packages: v.record(v.string(), v.object({ dev: v.optional(v.boolean()) })),
});

/** What is installed without what only development needs; some packages are for other systems. */
function installed(): string[] {
  const { packages } = v.parse(LOCK, JSON.parse(read('package-lock.json')));
  const wanted = Object.entries(packages).filter(([, { dev }]) => dev !== true);
  const top = wanted
    .map(([path]) => path)
    .filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path));
  return [...top, 'node_modules/.bin/bun'].filter((path) => existsSync(join(ROOT, path)));
}
