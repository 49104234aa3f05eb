/** The recorded streams as the exchanges serve theirs: each at its own path, to everybody who connects. */

import { STREAMING_EXCHANGES } from '../../streams/index.ts';
import type { StreamSide } from '../../streams/stream-side.ts';
import type { Exchange } from '../../ticker.ts';
import type { RecordedStream } from './sort-frames.ts';
import { createTape, type TapeOptions } from './tape.ts';

/** Whatever a client asks for, it is told everything that was recorded, the acknowledgements of then among it. */
export function createRecordedStreams(
  streams: readonly RecordedStream[],
  options: TapeOptions,
): Pick<StreamSide, 'handshake'> {
  const tapes = new Map<Exchange, ReturnType<typeof createTape>>(
    streams.map((stream) => [stream.id, createTape(stream, options)]),
  );
  return {
    handshake({ path }) {
      const { pathname } = new URL(path, 'ws://exchange.recorded');
      const exchange = STREAMING_EXCHANGES.find(({ serves }) => serves(pathname));
      const tape = exchange && tapes.get(exchange.id);
      if (!tape) return { kind: 'refused', status: 404, headers: {} };
      return {
        kind: 'accepted',
        converse: (wire) => ({
          received() {},
          pinged() {},
          pong() {},
          closed: tape.join(wire.send),
        }),
      };
    },
  };
}
