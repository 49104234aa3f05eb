import { expect, test } from 'bun:test';
import { PATHS } from '../../contract/index.ts';
import { startSimulator } from '../../simulator/launch.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { createProcessClock } from '../shift-clock.ts';
import { startServer } from '../start-server.ts';
import { watchSocket } from '../watch-socket.ts';

const HOUR_MS = 3_600_000;
/** What a start and an answer may take. */
const SLACK_MS = 10_000;

test('moves the wall clock of a running process and nothing else of it', async () => {
  const clock = createProcessClock();
  const script = `
    const read = () => ({
      now: Date.now(), made: new Date().getTime(), called: Date.parse(Date()),
      given: new Date(5).getTime(), is: new Date() instanceof Date, at: performance.now(),
    });
    for await (const line of console) console.log(JSON.stringify(read()));`;
  const child = Bun.spawn(
    [process.execPath, '--no-env-file', '--preload', clock.preload, '-e', script],
    { env: clock.environment, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const reader = child.stdout.getReader();
  const ask = async () => {
    child.stdin.write('?\n');
    const { value } = await reader.read();
    return JSON.parse(new TextDecoder().decode(value));
  };
  const expectShifted = async (offsetMs: number) => {
    const { now, made, called, given, is, at } = await ask();
    for (const time of [now, made, called]) {
      expect(Math.abs(time - Date.now() - offsetMs)).toBeLessThan(SLACK_MS);
    }
    expect([given, is]).toEqual([5, true]);
    return at;
  };
  try {
    const first = await expectShifted(0);
    const process = { signal: (name: NodeJS.Signals) => child.kill(name) };
    await clock.shift(process, HOUR_MS);
    await expectShifted(HOUR_MS);
    await clock.shift(process, -2 * HOUR_MS);
    const last = await expectShifted(-2 * HOUR_MS);
    expect(last - first).toBeGreaterThan(0);
    expect(last - first).toBeLessThan(SLACK_MS);
  } finally {
    child.kill('SIGKILL');
    await child.exited;
    clock.remove();
  }
});

test('moves the clock of a server, before it starts and while it runs', async () => {
  const clock = createProcessClock();
  const simulator = await startSimulator();
  await clock.shift(null, HOUR_MS);
  const server = await startServer({
    environment: { ...simulator.environment, ...POLLED_ONLY, ...clock.environment },
    preload: [clock.preload],
  });
  const serverTime = async () => {
    const socket = await watchSocket(server.socketUrl);
    const { frame } = await socket.find(({ frame }) => frame?.type === 'hello');
    socket.close();
    return frame?.type === 'hello' ? Date.parse(frame.server_time) : Number.NaN;
  };
  try {
    expect(Math.abs((await serverTime()) - Date.now() - HOUR_MS)).toBeLessThan(SLACK_MS);
    await clock.shift(server, -HOUR_MS);
    expect(Math.abs((await serverTime()) - Date.now() + HOUR_MS)).toBeLessThan(SLACK_MS);
    expect((await fetch(server.url + PATHS.health)).status).toBe(200);
  } finally {
    await server.stop();
    await simulator.stop();
    clock.remove();
  }
});
