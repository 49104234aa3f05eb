/** The streams on a manual clock, and a client of theirs, for tests. */

import { createManualClock } from '../../contract/manual-clock.ts';
import { createMarket } from '../market.ts';
import { createUpstreamStates } from '../upstream-states.ts';
import type { Peer } from './session.ts';
import { createStreamSide, type HandshakeAnswer } from './stream-side.ts';

/** A market with its streams. */
export function createTestSide() {
  const clock = createManualClock();
  const market = createMarket(clock, 1);
  const states = createUpstreamStates();
  const side = createStreamSide({ clock, ticker: market.exchangeCoin, states });
  return { clock, market, states, side };
}

/** The user agent of clients that do not say another. */
const USER_AGENT = 'test/1.0';

/** A connection as its client sees it. */
export interface TestClient extends Peer {
  /** Texts that came since the last look, parsed. */
  take(): unknown[];
  /** The same, of those that have a key with this value. */
  takeOnly(key: string, value: unknown): unknown[];
  raw(): (string | Uint8Array)[];
  pings(): number;
  closedWith(): number | null;
  say(message: unknown): void;
}

/** Opens a connection that answers pings. */
export function connect(
  side: ReturnType<typeof createStreamSide>,
  path: string,
  { pongs = true } = {},
): TestClient {
  const answer = handshake(side, path);
  if (answer.kind !== 'accepted') throw new Error(`not accepted but ${answer.kind}`);
  let frames: (string | Uint8Array)[] = [];
  let pings = 0;
  let code: number | null = null;
  const peer = answer.converse({
    send: (data) => frames.push(data),
    ping() {
      pings += 1;
      if (pongs) peer.pong();
    },
    close(with_) {
      code = with_;
    },
  });
  const raw = () => {
    const taken = frames;
    frames = [];
    return taken;
  };
  const take = () => raw().map((text): unknown => JSON.parse(String(text)));
  return {
    ...peer,
    raw,
    take,
    takeOnly: (key, value) =>
      take().filter(
        (frame) =>
          typeof frame === 'object' &&
          frame !== null &&
          Object.entries(frame).some(([name, held]) => name === key && held === value),
      ),
    pings: () => pings,
    closedWith: () => code,
    say: (message) =>
      peer.received(typeof message === 'string' ? message : JSON.stringify(message)),
  };
}

export const handshake = (
  side: ReturnType<typeof createStreamSide>,
  path: string,
  userAgent: string | null = USER_AGENT,
): HandshakeAnswer => side.handshake({ path, userAgent });
