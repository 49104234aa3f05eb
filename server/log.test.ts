import { describe, expect, test } from 'bun:test';
import { openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLog } from './log.ts';

/** What a log writes. */
async function written(
  isTerminal: boolean,
  write: (log: ReturnType<typeof createLog>['log']) => void,
) {
  const path = join(tmpdir(), `marketcast-log-${crypto.randomUUID()}`);
  const fd = openSync(path, 'w');
  const { log, end } = createLog('info', isTerminal, fd);
  write(log);
  await end();
  const text = readFileSync(path, 'utf8');
  rmSync(path);
  return text;
}

describe('the log', () => {
  test('is one JSON object a line for programs', async () => {
    const text = await written(false, (log) => log.info({ route: '/fng/' }, 'asked'));
    expect(JSON.parse(text)).toMatchObject({ level: 30, route: '/fng/', msg: 'asked' });
  });

  test('is one sentence a line for people', async () => {
    const text = await written(true, (log) => log.warn({ route: '/fng/' }, 'asked'));
    expect(text).toContain('asked');
    expect(text.trim().split('\n')).toHaveLength(1);
  });

  test('hides what goes by the name of a secret, wherever it stands', async () => {
    const text = await written(false, (log) =>
      log.info({ key: 'k-123', source: { url: 'u-456' } }, 'x'),
    );
    expect(text).not.toContain('k-123');
    expect(text).not.toContain('u-456');
  });

  test('on a full disk drops and counts, and throws nothing', async () => {
    const fd = openSync('/dev/full', 'w');
    const { log, end, dropped } = createLog('info', false, fd);
    for (let line = 0; line < 10; line++) log.info('nobody will read this');
    const deadline = performance.now() + 3000;
    while (dropped() === 0 && performance.now() < deadline) await Bun.sleep(5);
    expect(dropped()).toBeGreaterThan(0);
    await end();
  });

  for (const way of ['end', 'abandon'] as const) {
    test(`that nobody reads blocks nobody, is bounded, and lets the process ${way}`, async () => {
      // The child's own output is a pipe that is never read; it reports on the other one.
      const program = `
        import { createLog } from ${JSON.stringify(fileURLToPath(new URL('./log.ts', import.meta.url)))};
        const { log, dropped, end, abandon } = createLog('info', false);
        const line = 'x'.repeat(1000);
        for (let count = 0; count < 4000; count++) log.info(line);
        setTimeout(async () => {
          process.stderr.write(String(dropped() > 0));
          ${way === 'end' ? 'await end();' : 'abandon();'}
          process.exit(0);
        }, 100);`;
      const child = Bun.spawn([process.execPath, '-e', program], {
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 10_000,
      });
      expect(await child.exited).toBe(0);
      expect(await new Response(child.stderr).text()).toBe('true');
    });
  }
});
