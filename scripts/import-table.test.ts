import { describe, expect, test } from 'bun:test';
import { posix } from 'node:path';
import {
  importsOf,
  isTestSupport,
  mayImport,
  mayUse,
  rowOf,
  TEST_PACKAGES,
} from './import-table.ts';
import { isCode, projectFiles } from './tree.ts';

const code = projectFiles().filter((file) => isCode(file));

describe('the import table', () => {
  test('has a room for every file of code', () => {
    expect(code.filter(({ path }) => rowOf(path) === null).map(({ path }) => path)).toEqual([]);
    expect(code.length).toBeGreaterThan(50);
  });

  test('is kept by every import of a file', () => {
    const broken: string[] = [];
    for (const { path, text } of code) {
      for (const name of importsOf(text).filter((name) => name.startsWith('.'))) {
        const target = posix.join(posix.dirname(path), name.replace(/\?.*$/, ''));
        if (!mayImport(path, target)) broken.push(`${path} → ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  test('is kept by every import of a package', () => {
    const broken: string[] = [];
    for (const { path, text } of code) {
      const row = rowOf(path);
      const packages = importsOf(text).filter((name) => !name.startsWith('.'));
      for (const name of packages) {
        const isAllowed =
          (row !== null && mayUse(row, name)) ||
          (isTestSupport(path) && (TEST_PACKAGES.includes(name) || name.startsWith('node:')));
        if (!isAllowed) broken.push(`${path} → ${name}`);
      }
    }
    expect(broken).toEqual([]);
  });

  test('knows what it forbids', () => {
    const forbidden: [file: string, target: string][] = [
      ['contract/a.ts', 'client/index.ts'],
      ['client/index.ts', 'server/hub/hub.ts'],
      ['server/sources/binance/binance.ts', 'server/sources/coingecko/coingecko.ts'],
      ['server/sources/binance/binance.ts', 'server/feed/feed.ts'],
      ['server/sources/source.ts', 'server/sources/binance/binance.ts'],
      ['server/hub/socket-hub.ts', 'server/broker/memory-broker.ts'],
      ['server/http/server.ts', 'server/hub/socket-hub.ts'],
      ['server/feed/feed.ts', 'server/sources/upstream.ts'],
      ['server/feed/feed.ts', 'server/main.ts'],
      ['server/leader/inherit.ts', 'server/broker/memory-broker.ts'],
      ['web/widgets/fng/fng.tsx', 'web/widgets/rsi/rsi.tsx'],
      ['web/widgets/fng/fng.tsx', 'client/index.ts'],
      ['web/format/age.ts', 'web/ui/card.tsx'],
      ['simulator/main.ts', 'server/config.ts'],
      ['e2e/browser/page.test.ts', 'simulator/market.ts'],
    ];
    expect(forbidden.filter(([file, target]) => mayImport(file, target))).toEqual([]);
    expect(mayImport('server/sources/index.ts', 'server/sources/binance/binance.ts')).toBe(true);
    expect(mayImport('web/widgets/fng/fng.tsx', 'web/widgets/fng/part.tsx')).toBe(true);
    expect(mayImport('server/main.ts', 'server/hub/socket-hub.ts')).toBe(true);
  });

  test('lets tests use the stand-ins of other rooms where a row says so, and no product code', () => {
    const broker = 'server/broker/test-broker.ts';
    for (const room of ['server/hub', 'server/http']) {
      expect(mayImport(`${room}/test-hub.ts`, broker)).toBe(true);
      expect(mayImport(`${room}/a.test.ts`, broker)).toBe(true);
      expect(mayImport(`${room}/a.test.ts`, 'server/broker/memory-broker.ts')).toBe(false);
      expect(mayImport(`${room}/a.ts`, broker)).toBe(false);
    }
    expect(mayImport('server/feed/a.test.ts', broker)).toBe(false);
    expect(mayImport('server/broker/memory-broker.ts', broker)).toBe(false);
    expect(mayImport('server/main.ts', broker)).toBe(false);
    expect(mayImport('server/hub/hub.ts', 'server/hub/test-hub.ts')).toBe(false);
  });

  test('reads every form of import', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type {\n  B,\n} from './b.ts';",
      "import './c.css';",
      "export * from './d.ts';",
      "const e = await import('./e.ts');",
      "// import { no } from './no.ts';",
    ].join('\n');
    expect(importsOf(text).toSorted()).toEqual(['./a.ts', './b.ts', './c.css', './d.ts', './e.ts']);
  });
});
