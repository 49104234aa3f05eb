/** Takes pictures of the page for people to look at: `bun --no-env-file e2e/screenshots.ts <folder>`. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { linkWords, saysNotice, saysText } from './dashboard-page.ts';
import { firstRound, freshRound, type Stage, setStage, summaryWhere } from './stage.ts';
import type { RunningServer } from './start-server.ts';

const WIDTHS = [1440, 1024, 768, 375, 320];
const LOCALES = ['vi-VN', 'en-US'] as const;
const SCHEMES = ['light', 'dark'] as const;

/** No upstream at all. */
const NOWHERE = {
  COINGECKO_BASE_URL: 'http://127.0.0.1:9',
  ALTERNATIVE_ME_BASE_URL: 'http://127.0.0.1:9',
  BINANCE_BASE_URL: 'http://127.0.0.1:9',
};

/** How a page looks at all. */
interface Look {
  readonly locale: (typeof LOCALES)[number];
  readonly colorScheme: (typeof SCHEMES)[number];
  readonly width: number;
}

/** A state is shown in two looks that have little in common. */
const STATE_LOOKS: readonly Look[] = [
  { locale: 'en-US', colorScheme: 'light', width: 1280 },
  { locale: 'vi-VN', colorScheme: 'dark', width: 375 },
];

/** A state of the page: the server it is seen on, and what brings it about. */
interface State {
  readonly name: string;
  readonly server: (stage: Stage) => RunningServer | Promise<RunningServer>;
  readonly bringAbout: (page: Page, stage: Stage, server: RunningServer) => Promise<unknown>;
}

const own = (stage: Stage) => stage.server;
const isLive = (page: Page) => saysText(linkWords(page), /^(Live|Trực tiếp)$/);

const STATES: readonly State[] = [
  {
    name: 'no-data',
    server: (stage) => stage.addServer({ ...NOWHERE, SIMULATED: 'false' }),
    bringAbout: (page) => saysText(page.locator('.source-list'), /cannot be reached|không kết nối/),
  },
  {
    name: 'unavailable',
    async server(stage) {
      await stage.simulator.setFaults({ '/api/v3/klines': { status: 503 } });
      const server = await stage.addServer();
      await summaryWhere(server, ({ sources }) => sources.binance?.state === 'failing');
      return server;
    },
    async bringAbout(page) {
      await isLive(page);
      await page.locator('.rsi .why').click();
    },
  },
  {
    name: 'stale',
    async server(stage) {
      const server = await stage.addServer({ FETCH_INTERVAL_SECONDS: '1' });
      await firstRound(server);
      return server;
    },
    async bringAbout(page, { simulator }) {
      await simulator.setFaults({ '/api/v3/klines': { status: 503 } });
      await saysText(page.locator('.rsi'), /Out of date|Số liệu cũ/);
    },
  },
  {
    name: 'reconnecting',
    async server(stage) {
      const server = await stage.addServer();
      await firstRound(server);
      return server;
    },
    async bringAbout(page, _stage, server) {
      await isLive(page);
      server.signal('SIGKILL');
      await saysText(linkWords(page), /\d\/5/);
    },
  },
  {
    name: 'paused',
    server: own,
    async bringAbout(page) {
      await isLive(page);
      await page.keyboard.press('p');
      await saysText(linkWords(page), /Paused|Tạm dừng/);
    },
  },
  {
    name: 'source-failing',
    server: own,
    async bringAbout(page, { simulator, server }) {
      await isLive(page);
      await simulator.setFaults({ '/api/v3/klines': { status: 503 } });
      await freshRound(server);
      await saysNotice(page, /does not answer|không phản hồi/);
    },
  },
  {
    name: 'menu',
    server: own,
    async bringAbout(page) {
      await isLive(page);
      await page.locator('[popovertarget]').first().click();
    },
  },
];

async function openLook(stage: Stage, url: string, look: Look): Promise<Page> {
  const { width, ...options } = look;
  const viewport = { width, height: width < 480 ? 812 : 900 };
  return stage.visits.open(url, { ...options, viewport, networkFails: true });
}

/** The page as it is loaded and live, in every look. */
async function takeLooks(stage: Stage, folder: string): Promise<void> {
  for (const locale of LOCALES) {
    for (const colorScheme of SCHEMES) {
      for (const width of WIDTHS) {
        const page = await openLook(stage, stage.server.url, { locale, colorScheme, width });
        await isLive(page);
        const path = join(folder, `live-${locale.slice(0, 2)}-${colorScheme}-${width}.png`);
        await page.screenshot({ path, fullPage: true });
        await stage.visits.end();
      }
    }
  }
}

async function takeStates(stage: Stage, folder: string): Promise<void> {
  for (const { name, server: serverOf, bringAbout } of STATES) {
    for (const look of STATE_LOOKS) {
      await stage.simulator.clearFaults();
      await freshRound(stage.server);
      const server = await serverOf(stage);
      const page = await openLook(stage, server.url, look);
      await bringAbout(page, stage, server);
      const isOverlay = name === 'menu' || name === 'unavailable';
      const path = join(folder, `${name}-${look.locale.slice(0, 2)}-${look.width}.png`);
      await page.screenshot({ path, fullPage: !isOverlay });
      await stage.visits.end();
    }
  }
}

async function takeAll(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const stage = await setStage({ TAAPI_SECRET: 'for-the-pictures' });
  try {
    await takeLooks(stage, folder);
    await takeStates(stage, folder);
  } finally {
    await stage.end();
  }
}

const [folder] = process.argv.slice(2);
if (folder) await takeAll(folder);
else process.stderr.write('usage: bun --no-env-file e2e/screenshots.ts <folder>\n');
