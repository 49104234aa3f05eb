import { describe, expect, test } from 'bun:test';
import { type Child, startChild } from './test-child.ts';

const READY = /^\{"url":"(http:\/\/127\.0\.0\.1:\d+)","wsUrl":"(ws:\/\/127\.0\.0\.1:\d+)"\}\n/;

const addressOf = async (child: Child) => (await child.waitFor(READY))[1] ?? '';

describe('bun simulator/main.ts', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'says where it is in one JSON line and stops cleanly on %s',
    async (signal) => {
      const child = startChild('main.ts', ['--quiet']);
      const url = await addressOf(child);
      expect((await fetch(`${url}/fng/`)).status).toBe(200);
      child.kill(signal);
      expect(await child.exited).toBe(0);
      expect(child.output()).toMatch(new RegExp(`${READY.source}$`));
    },
  );

  test('stops with its parent: when standard input closes', async () => {
    const child = startChild('main.ts', ['--with-parent']);
    await addressOf(child);
    child.closeInput();
    expect(await child.exited).toBe(0);
  });

  test('without --with-parent a closed standard input is nothing to it', async () => {
    const child = startChild('main.ts');
    child.closeInput();
    expect((await fetch(`${await addressOf(child)}/fng/`)).status).toBe(200);
    child.kill();
    expect(await child.exited).toBe(0);
  });

  test('says what is asked, without the query: it may hold a secret', async () => {
    const child = startChild('main.ts');
    await fetch(`${await addressOf(child)}/rsi?secret=shh`);
    await child.waitFor(/GET \/rsi\n/);
    child.kill();
    await child.exited;
    expect(child.output()).not.toContain('shh');
  });

  test('gives the same market for the same seed, on the port that is asked for', async () => {
    const seriesOf = async (url: string) => {
      const { data } = await (await fetch(`${url}/fng/?limit=0`)).json();
      return data.map(({ value }: { value: string }) => value);
    };
    const first = startChild('main.ts', ['--seed', '5']);
    const url = await addressOf(first);
    const series = await seriesOf(url);
    first.kill();
    await first.exited;
    const same = startChild('main.ts', ['--seed', '5', '--port', new URL(url).port]);
    expect(await addressOf(same)).toBe(url);
    expect(await seriesOf(url)).toEqual(series);
    const other = startChild('main.ts', ['--seed', '6']);
    expect(await seriesOf(await addressOf(other))).not.toEqual(series);
    same.kill();
    other.kill();
    expect(await Promise.all([same.exited, other.exited])).toEqual([0, 0]);
  });

  test.each([[['--port', 'x']], [['--seed', '-1']], [['--bogus']], [['stray']]])(
    'ends with one line and code 2 for %j',
    async (args) => {
      const child = startChild('main.ts', args);
      expect(await child.exited).toBe(2);
      expect(child.output()).toMatch(/^[^\n]+\n$/);
    },
  );

  test('ends with one line and code 1 when the port is taken', async () => {
    const first = startChild('main.ts');
    const { port } = new URL(await addressOf(first));
    const second = startChild('main.ts', ['--port', port]);
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/^[^\n]+\n$/);
    first.kill();
    await first.exited;
  });
});
