/**
 * For `bun --preload`: the wall clock of a process, moved while it runs; the monotonic one stays. The offset is read from
 * the file that `SHIFTED_CLOCK_FILE` names, at the start and on every SIGUSR2, and repeated in `<file>.applied`.
 */

import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env.SHIFTED_CLOCK_FILE;
if (file === undefined) throw new Error('SHIFTED_CLOCK_FILE names no file');

const RealDate = Date;
const realNow = Date.now;
let offsetMs = 0;

const now = () => realNow() + offsetMs;

function readOffset(): void {
  const text = readFileSync(file ?? '', 'utf8').trim();
  const read = Number(text);
  if (text === '' || !Number.isSafeInteger(read)) throw new Error(`not an offset in ms: ${text}`);
  offsetMs = read;
  writeFileSync(`${file}.applied`, text);
}

readOffset();
process.on('SIGUSR2', readOffset);

RealDate.now = now;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
});
