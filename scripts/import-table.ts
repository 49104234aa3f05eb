/** Who may import whom: the table as data. A room is a folder; a door is a single file other rooms may use. */

/** One row: what the files of `room` may import besides each other. */
export interface Row {
  /** Path prefix; the longest that fits a file is its room. `*` stands for one folder name. */
  readonly room: string;
  /** Rooms (ending in `/`) and single files. */
  readonly mayImport: readonly string[];
  /** Packages and runtime modules of its code, `node:*` for all of those; tests may use more. */
  readonly packages: readonly string[];
  /** Single files that its tests and their support may import besides. */
  readonly testsMayImport?: readonly string[];
}

const CONTRACT = 'contract/';
const PREACT = ['preact', 'preact/hooks', '@preact/signals'];
const WIDGET_NEEDS = ['web/ui/', 'web/format/', 'web/i18n/', 'web/live/'];
const INTERFACES = [
  'server/store/store.ts',
  'server/store/history-rows.ts',
  'server/broker/broker.ts',
  'server/leader/lease.ts',
  'server/redis/steps.ts',
] as const;
/** The contract suites of what speaks Redis run against a real one. */
const REDIS_TESTS = ['e2e/start-redis.ts', 'e2e/until.ts', 'server/redis/test-redis.ts'];

export const TABLE: readonly Row[] = [
  { room: 'contract/', mayImport: [], packages: [] },
  { room: 'client/', mayImport: [CONTRACT], packages: [] },
  {
    room: 'server/sources/*/',
    mayImport: [CONTRACT, 'server/sources/'],
    packages: ['valibot'],
  },
  {
    // The floor that all sources stand on; only the list knows them.
    room: 'server/sources/',
    mayImport: [CONTRACT],
    packages: ['valibot'],
  },
  { room: 'server/indicators/', mayImport: [CONTRACT], packages: [] },
  {
    room: 'server/feed/',
    mayImport: [CONTRACT, 'server/indicators/', 'server/sources/source.ts'],
    packages: [],
  },
  {
    room: 'server/schedule/',
    mayImport: [CONTRACT, ...INTERFACES],
    packages: [],
    testsMayImport: [...REDIS_TESTS, 'server/redis/budget-steps.ts'],
  },
  {
    // The RSI's past is computed, not kept.
    room: 'server/history/',
    mayImport: [CONTRACT, 'server/indicators/', ...INTERFACES],
    packages: ['valibot', 'node:crypto'],
    testsMayImport: [
      ...REDIS_TESTS,
      'server/broker/test-broker.ts',
      'server/store/sqlite-store.ts',
      'server/redis/history-steps.ts',
    ],
  },
  {
    // Between the history, which knows no source, and the sources, which know no history.
    room: 'server/past/',
    mayImport: [
      CONTRACT,
      'server/history/past.ts',
      'server/history/tiers.ts',
      'server/schedule/schedule.ts',
      'server/sources/ask.ts',
      'server/sources/source.ts',
    ],
    packages: [],
    // The real sources, as tasks of the real schedule.
    testsMayImport: [
      'server/config.ts',
      'server/log.ts',
      'server/tasks.ts',
      'server/schedule/memory-ledger.ts',
      'server/schedule/round-schedule.ts',
      'server/sources/upstream.ts',
    ],
  },
  {
    room: 'server/broker/',
    mayImport: [CONTRACT, ...INTERFACES],
    packages: ['valibot'],
    testsMayImport: REDIS_TESTS,
  },
  {
    room: 'server/leader/',
    mayImport: [CONTRACT, ...INTERFACES],
    packages: [],
    testsMayImport: [...REDIS_TESTS, 'e2e/tcp-proxy.ts', 'server/broker/test-broker.ts'],
  },
  {
    // The only room that speaks Redis.
    room: 'server/redis/',
    mayImport: [CONTRACT],
    packages: ['ioredis', 'valibot', 'node:fs'],
    testsMayImport: [
      ...REDIS_TESTS,
      'e2e/start-redis-cluster.ts',
      'e2e/start-sentinels.ts',
      'e2e/tcp-proxy.ts',
      'e2e/make-certificates.ts',
    ],
  },
  {
    room: 'server/store/',
    mayImport: [CONTRACT],
    packages: ['bun:sqlite', 'node:fs', 'node:path'],
    testsMayImport: ['e2e/end-with-parent.ts', 'e2e/mount-tmpfs.ts'],
  },
  {
    room: 'server/hub/',
    mayImport: [CONTRACT, 'server/broker/broker.ts'],
    packages: ['bun', 'valibot'],
    testsMayImport: ['server/broker/test-broker.ts'],
  },
  {
    room: 'server/http/',
    mayImport: [
      CONTRACT,
      'server/hub/hub.ts',
      'server/broker/broker.ts',
      'server/schedule/schedule.ts',
      'server/history/history.ts',
      'web/app/page.ts',
    ],
    packages: ['bun', 'node:net', 'node:zlib'],
    testsMayImport: ['server/broker/test-broker.ts'],
  },
  {
    room: 'server/moving/',
    mayImport: [
      CONTRACT,
      'server/history/series.ts',
      'server/history/sound-row.ts',
      'server/history/tiers.ts',
      'server/store/history-rows.ts',
    ],
    packages: ['valibot', 'node:fs', 'node:os', 'node:path'],
    testsMayImport: ['server/store/store.ts', 'server/store/sqlite-store.ts'],
  },
  // The composition: the only room that knows all parts.
  {
    room: 'server/',
    mayImport: [CONTRACT, 'server/', 'web/app/'],
    // `ws` is Bun's own: the one client of WebSockets that tells a refusal's status and has a limit of size.
    packages: [
      'valibot',
      'pino',
      'pino-pretty',
      'ws',
      'node:crypto',
      'node:fs',
      'node:dns/promises',
      // Export and import are processes with arguments, and write as fast as is read.
      'node:stream',
      'node:stream/promises',
      'node:util',
    ],
    testsMayImport: [
      ...REDIS_TESTS,
      'e2e/free-port.ts',
      'e2e/make-certificates.ts',
      // The whole server on a market within the test's own process.
      'simulator/in-process.ts',
    ],
  },
  {
    room: 'web/widgets/*/',
    mayImport: [CONTRACT, ...WIDGET_NEEDS, 'web/widgets/'],
    // The chart's library, in a script of its own.
    packages: [...PREACT, 'lightweight-charts'],
  },
  // The floor that all widgets stand on.
  { room: 'web/widgets/', mayImport: [CONTRACT, ...WIDGET_NEEDS], packages: PREACT },
  {
    room: 'web/ui/',
    mayImport: [CONTRACT, 'web/format/', 'web/i18n/'],
    packages: PREACT,
  },
  { room: 'web/format/', mayImport: [CONTRACT], packages: [] },
  { room: 'web/i18n/', mayImport: [CONTRACT], packages: [] },
  { room: 'web/live/', mayImport: [CONTRACT, 'client/'], packages: PREACT },
  {
    room: 'web/app/',
    mayImport: [CONTRACT, 'web/'],
    packages: [...PREACT, 'preact-render-to-string', 'bun', 'node:*'],
  },
  {
    room: 'simulator/',
    mayImport: [CONTRACT, 'client/'],
    packages: ['bun', 'valibot', 'node:*'],
  },
  {
    // Starts the server as a process, and the simulator through its one door.
    room: 'e2e/',
    mayImport: [CONTRACT, 'client/', 'simulator/launch.ts'],
    packages: ['bun', 'playwright-core', 'node:*'],
  },
  {
    room: 'scripts/',
    mayImport: [],
    packages: ['bun', 'node:*'],
  },
];

/** Packages that any test file may use beside those of its room. */
export const TEST_PACKAGES = [
  'bun:test',
  'bun:sqlite',
  'bun',
  'fast-check',
  'axe-core',
  'playwright-core',
  'preact',
  'preact-render-to-string',
  'valibot',
];

/** The row of a file; `null` when no room is meant for it. */
export function rowOf(file: string): Row | null {
  const fitting = TABLE.filter(({ room }) => patternOf(room).test(file));
  return fitting.toSorted((a, b) => depth(b.room) - depth(a.room))[0] ?? null;
}

/** Code that only tests use: contract suites, stand-ins and their like. */
export const isTestSupport = (path: string): boolean =>
  /\.test\.tsx?$/.test(path) ||
  /(^|\/)(test-|raw-|fake-|.*-contract\.ts$|.*-fixture\.ts$)/.test(path);

/** Whether `file` may import `target`; both are paths from the root of the project. */
export function mayImport(file: string, target: string): boolean {
  const row = rowOf(file);
  if (row === null) return false;
  if (!isTestSupport(file) && isTestSupport(target)) return false;
  if (isTestSupport(file) && row.testsMayImport?.includes(target)) return true;
  const own = roomPath(file, row.room);
  if (own !== null && target.startsWith(own) && rowOf(target) === row) return true;
  if (isListOfSources(file) && target.startsWith('server/sources/')) return true;
  return row.mayImport.some((allowed) =>
    allowed.endsWith('/')
      ? target.startsWith(allowed) && !isOther(row, target)
      : target === allowed,
  );
}

/** The explicit list is what a source is entered in: the one file of its room that names them. */
const isListOfSources = (file: string) => file === 'server/sources/index.ts';

/** A plug-in may stand on the shared floor of its kind, never on another plug-in. */
const isOther = (row: Row, target: string): boolean =>
  row.room.includes('*') && rowOf(target) === row;

const patternOf = (room: string): RegExp => new RegExp(`^${room.replaceAll('*', '[^/]+')}`);
const depth = (room: string): number => room.split('/').length;
const roomPath = (file: string, room: string): string | null =>
  patternOf(room).exec(file)?.[0] ?? null;

/** Whether code in the room of `row` may import a package. */
export const mayUse = (row: Row, name: string): boolean =>
  row.packages.includes(name) || (name.startsWith('node:') && row.packages.includes('node:*'));

/** Every module that a file names in an import, an export or a dynamic import. */
export function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const patterns = [
    /^\s*(?:import|export)\s[^'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
    /\brequire\(\s*['"]([^'"]+)['"]\s*\)/g,
  ];
  return patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].flatMap(([, name]) => (name === undefined ? [] : [name])),
  );
}
