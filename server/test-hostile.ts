/** For tests: what hostile upstreams send, made of what they really send. */

import type { DashboardDocument } from '../contract/index.ts';
import type { StreamSocket } from './sources/stream.ts';
import { MAX_FRAME_BYTES } from './sources/stream.ts';
import { setUpMarket, type World } from './test-market.ts';

/** Turns a text that is good, a body or a frame, into another. */
export type Bend = (text: string) => string;

/** As it is. */
export const asItIs: Bend = (text) => text;

/** Every number, and every text that is one, in a JSON text. */
const NUMBER = /(?<=[:,[]\s*)("?)(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\1(?=\s*[,}\]])/g;

/** Puts something in the place of every number, within quotes where it was. */
export const everyNumber =
  (replace: (digits: string) => string): Bend =>
  (text) =>
    text.replaceAll(NUMBER, (_, quote: string, digits: string) => quote + replace(digits) + quote);

/** Puts raw JSON in the place of every number, quoted or not. */
export const everyValue =
  (raw: string): Bend =>
  (text) =>
    text.replaceAll(NUMBER, () => raw);

/** Puts raw JSON in the place of the first number only. */
export const firstValue =
  (raw: string): Bend =>
  (text) => {
    let isFirst = true;
    return text.replaceAll(NUMBER, (whole) => {
      const put = isFirst ? raw : whole;
      isFirst = false;
      return put;
    });
  };

/** Adds members to every object. */
export const everyObject =
  (members: string): Bend =>
  (text) =>
    text.replaceAll(/\{(?=\s*")/g, `{${members},`);

/** Moves everything that is as large as a time, in seconds, milliseconds or ISO 8601. */
export const everyTime =
  (years: number): Bend =>
  (text) =>
    everyNumber((digits) => {
      const value = Number(digits);
      if (!/^\d{10}$|^\d{13}$/.test(digits)) return digits;
      return String(value + years * (digits.length === 10 ? 31_556_952 : 31_556_952_000));
    })(text).replaceAll(/"20(\d\d)-(\d\d-\d\dT)/g, (_, year: string, rest: string) => {
      return `"${2000 + Number(year) + years}-${rest}`;
    });

/** What is bent on its way to the server. */
export interface Bends {
  readonly bodies?: Bend;
  readonly frames?: Bend;
}

/** So long a server may take to show what it can. */
export const WITHIN_MS = 10_000;

/** With every key, so that every upstream is asked. */
const KEYS = { TAAPI_SECRET: 'k', FINNHUB_API_KEY: 'k', CMC_API_KEY: 'k' };

/** What a server shows ten seconds after its start among such upstreams, and how many texts were bent. */
export async function shownAmong({ bodies = asItIs, frames = asItIs }: Bends) {
  const bent = { bodies: 0, frames: 0 };
  const market = setUpMarket({
    env: KEYS,
    between: ({ clock, fetch, connect }: World): World => ({
      clock,
      async fetch(url, init) {
        const response = await fetch(url, init);
        bent.bodies += 1;
        return new Response(bodies(await response.text()), response);
      },
      connect: (url, headers, events) => {
        const socket: StreamSocket = connect(url, headers, {
          ...events,
          opened: () => events.opened(),
          frame(text) {
            const sent = text === null ? null : frames(text);
            bent.frames += 1;
            if (sent === null || sent.length <= MAX_FRAME_BYTES) return events.frame(sent);
            socket.terminate();
            events.ended({ status: null, retryAtMs: null, closeCode: 1009, isTooLarge: true });
          },
        });
        return socket;
      },
    }),
  });
  await market.start();
  await market.pass(WITHIN_MS);
  const document: DashboardDocument = await market.document();
  const nowMs = market.clock.now();
  await market.end();
  return { document, bent, nowMs };
}
