/** Makes sure that Bun's binary is in place: where npm did not run install scripts it is still a placeholder. */

import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The placeholder has a few hundred bytes, the binary about a hundred million. */
const SMALLEST_BINARY_BYTES = 1_000_000;

const fail = (sentence) => {
  console.error(sentence);
  process.exit(1);
};

let folder;
try {
  folder = dirname(createRequire(import.meta.url).resolve('bun/package.json'));
} catch {
  fail('Bun is not installed yet: run "npm ci" first.');
}
const isInPlace = () => {
  try {
    return statSync(join(folder, 'bin', 'bun.exe')).size >= SMALLEST_BINARY_BYTES;
  } catch {
    return false;
  }
};
if (!isInPlace()) {
  try {
    execFileSync(process.execPath, ['install.js'], { cwd: folder, stdio: 'inherit' });
  } catch {
    fail('Bun could not be put in place: run "npm ci" again.');
  }
  if (!isInPlace()) fail('Bun has no binary for this machine.');
}
