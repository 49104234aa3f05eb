import { expect, test } from 'bun:test';

/** What the client may weigh in a page: compressed, with everything it needs. */
const MAX_GZIP_BYTES = 3_072;

test('bundled for a browser the client is at most 3 kB', async () => {
  const { outputs } = await Bun.build({
    entrypoints: [`${import.meta.dir}/index.ts`],
    target: 'browser',
    format: 'esm',
    minify: true,
  });
  expect(outputs).toHaveLength(1);
  const code = (await outputs[0]?.text()) ?? '';
  expect(code).toContain('createMarketcast');
  expect(code).not.toMatch(/\bimport\b/);
  const gzipBytes = Bun.gzipSync(code).length;
  process.stdout.write(`marketcast-client: ${gzipBytes} of ${MAX_GZIP_BYTES} bytes gzip\n`);
  expect(gzipBytes).toBeLessThanOrEqual(MAX_GZIP_BYTES);
});
