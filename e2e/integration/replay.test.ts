import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { fileURLToPath } from 'node:url';
import { type DashboardDocument, PATHS } from '../../contract/index.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { watchSocket } from '../watch-socket.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the replay of the project's own recordings and reads the environment it prints. */
async function startReplay(...args: string[]) {
  const child = Bun.spawn(
    [process.execPath, '--no-env-file', 'simulator/replay.ts', 'simulator/recordings', ...args],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '' } },
  );
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('npm start')) break;
  }
  const environment = Object.fromEntries(
    [...text.matchAll(/\b([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value ?? '']),
  );
  return {
    environment,
    stop: async () => {
      child.kill('SIGTERM');
      await child.exited;
    },
  };
}

describe('the replay of recorded answers', () => {
  let replay: Awaited<ReturnType<typeof startReplay>>;
  let server: RunningServer;
  let recorded: Record<string, number>;

  beforeAll(async () => {
    replay = await startReplay();
    const read = async (path: string) =>
      await (await fetch(replay.environment.COINGECKO_BASE_URL + path)).json();
    const { data } = await read('/api/v3/global');
    const price = await read('/api/v3/simple/price?ids=bitcoin&vs_currencies=usd');
    recorded = {
      market_cap: data.total_market_cap.usd,
      volume_24h: data.total_volume.usd,
      btc_price_usd: price.bitcoin.usd,
    };
    server = await startServer({ environment: replay.environment });
  });
  afterAll(async () => {
    await server.stop();
    await replay.stop();
  });

  test('is shown with exactly its numbers by socket, summary and page, and as live', async () => {
    const socket = await watchSocket(server.socketUrl);
    await socket.find(
      ({ frame }) => frame?.type === 'dashboard_update' && frame.data.rsi_14 !== null,
    );
    const sent = socket.document();
    expect(sent).toMatchObject(recorded);
    const summary = (await (await fetch(server.url + PATHS.summary)).json()) as DashboardDocument;
    expect(summary).toEqual(sent);
    // Times were moved, so the figures are not the market's of now, and the page says so.
    expect(summary.simulated).toBe(true);
    expect(summary.freshness.market.state).toBe('live');
    expect(summary.freshness.rsi_14.state).toBe('live');
    expect(summary.freshness.fng.state).toBe('live');

    const page = await (await fetch(`${server.url}${PATHS.page}?lang=en`)).text();
    const text = page.replaceAll(/<script[\s\S]*?<\/script>/g, '').replaceAll(/<[^>]+>/g, '');
    const dollars = (value: number, options: Intl.NumberFormatOptions) =>
      new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', ...options }).format(
        value,
      );
    const compact = {
      notation: 'compact',
      maximumFractionDigits: 2,
      minimumFractionDigits: 2,
    } as const;
    expect(text).toContain(dollars(recorded.btc_price_usd ?? 0, { minimumFractionDigits: 2 }));
    expect(text).toContain(dollars(recorded.market_cap ?? 0, compact));
    expect(text).toContain(dollars(recorded.volume_24h ?? 0, compact));
    expect(text).toContain(String(sent.rsi_14));
    socket.close();
  });
});
