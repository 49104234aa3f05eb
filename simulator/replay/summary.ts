/** What is printed when a replay is up: what it serves, and the environment that points the server at it. */

import { SOURCE_NAMES } from '../../contract/index.ts';
import { STREAMING_EXCHANGES } from '../streams/index.ts';
import type { Choice } from './choose.ts';
import { recordedCoins } from './coins.ts';
import { nameOf, RECORDED_ROUTES } from './index.ts';
import type { Choices } from './serve.ts';
import { simplePriceRoute } from './simple-price.ts';
import type { RecordedStream } from './streams/sort-frames.ts';

/** A replay that is up. */
export interface Replay {
  readonly choices: Choices;
  readonly streams: readonly RecordedStream[];
  readonly url: string;
  readonly wsUrl: string;
  readonly asRecorded: boolean;
}

/** The lines, and the command last. */
export function summary(replay: Replay): string {
  const rows = [
    ...RECORDED_ROUTES.map(routeRow(replay)),
    ...STREAMING_EXCHANGES.map(streamRow(replay)),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `Replaying on ${replay.url}, times ${replay.asRecorded ? 'as recorded' : 'moved to now'}:`,
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    'Point the server at it:',
    `${environment(replay).join(' ')} npm start`,
  ].join('\n');
}

type Row = readonly [name: string, text: string];

const routeRow =
  ({ choices }: Replay) =>
  (route: (typeof RECORDED_ROUTES)[number]): Row => {
    const choice = choices.get(route);
    return [nameOf(route), choice ? describe(choice) : 'no recording'];
  };

function describe({ recording, isComplete, timeMs, added }: Choice): string {
  const item = recording.item === null ? '' : ` #${recording.item + 1}`;
  const day = timeMs === null ? '' : ` (${new Date(timeMs).toISOString().slice(0, 10)})`;
  const others = added.length === 0 ? '' : `, and what ${added.length} more add to it`;
  return `${recording.file}${item}${day}${isComplete ? '' : ', incomplete'}${others}`;
}

const streamRow =
  ({ streams }: Replay) =>
  ({ id }: (typeof STREAMING_EXCHANGES)[number]): Row => {
    const stream = streams.find((recorded) => recorded.id === id);
    return [`stream of ${SOURCE_NAMES[id]}`, stream ? describeStream(stream) : 'no recording'];
  };

function describeStream({ frames, foreign }: RecordedStream): string {
  const files = [...new Set(frames.map(({ file }) => file))].join(', ');
  const others = foreign.length === 0 ? '' : `, and ${foreign.length} of nobody here among them`;
  return `${files}: ${frames.length} frames${others}`;
}

/**
 * As the shell wants it. What has no recording is switched off, so that nothing real is shown among what is replayed.
 * `SIMULATED`: what is replayed is never kept as, or taken for, the market of today.
 */
function environment({ choices, streams, url, wsUrl }: Replay): readonly string[] {
  const recorded = RECORDED_ROUTES.filter((route) => choices.has(route));
  const addresses = RECORDED_ROUTES.map(({ variable }) => {
    const isRecorded = recorded.some((route) => route.variable === variable);
    return `${variable}=${isRecorded ? url : 'off'}`;
  });
  const sockets = STREAMING_EXCHANGES.map(({ id, variable }) => {
    const isRecorded = streams.some((stream) => stream.id === id);
    return `${variable}=${isRecorded ? wsUrl : 'off'}`;
  });
  const coins = `COINS=${recordedCoins(streams, choices.get(simplePriceRoute)).join(',')}`;
  const secrets = recorded.flatMap(({ secret }) => secret ?? []);
  return [...new Set([...addresses, ...sockets, coins, ...secrets, 'SIMULATED=true'])];
}
