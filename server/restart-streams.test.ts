import { afterEach, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { createManualClock } from '../contract/manual-clock.ts';
import { setUpMarket, type World } from './test-market.ts';
import { newDataDir } from './test-node.ts';

const HOUR_MS = 3_600_000;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Counts the connections to Binance that are begun. */
function watchBinance() {
  const seen = { connections: 0 };
  const between = (world: World): World => ({
    ...world,
    connect(url, headers, events) {
      if (url.includes('/stream?streams=')) seen.connections += 1;
      return world.connect(url, headers, events);
    },
  });
  return { seen, between };
}

test('pitfall 40: an exchange that asked to be left alone is left alone by a server that is started anew', async () => {
  const dataDir = newDataDir();
  folders.push(dataDir);
  const counts: number[] = [];
  const states: unknown[] = [];
  let startMs = createManualClock().now();
  for (let run = 0; run < 2; run++) {
    const { seen, between } = watchBinance();
    const market = setUpMarket({ env: { DATA_DIR: dataDir }, between, startMs });
    market.simulator.streams.setFaults({
      binance: { refuse: 429, retryAfterS: HOUR_MS / 1000 },
    });
    await market.start();
    await market.pass(3000);
    counts.push(seen.connections);
    states.push((await market.document()).sources.binance?.state);
    await market.end();
    startMs = market.clock.now();
  }
  expect(counts).toEqual([1, 0]);
  expect(states).toEqual(['rate_limited', 'rate_limited']);
});
