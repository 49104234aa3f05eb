/** Serves chosen recordings on loopback, as the upstreams would. */

import type { Clock } from '../../contract/index.ts';
import { refused } from '../control.ts';
import { deliver } from '../deliver.ts';
import { type Loopback, listenOnLoopback } from '../loopback.ts';
import type { Answer } from '../upstreams/upstream.ts';
import type { Choice } from './choose.ts';
import type { RecordedRoute, Serving } from './recording.ts';

/** What is served where. */
export type Choices = ReadonlyMap<RecordedRoute, Choice>;

/** How recordings are served. */
export interface ServeOptions {
  readonly clock: Clock;
  /** 0 = any free port. */
  readonly port: number;
  readonly asRecorded: boolean;
}

/** Recorded headers that are sent again; the times among them only as recorded. */
const KEPT_HEADERS = ['cache-control'] as const;
const TIME_HEADERS = ['date', 'age'] as const;

/** @throws what listening throws, e.g. `EADDRINUSE` */
export function serveRecordings(choices: Choices, options: ServeOptions): Promise<Loopback> {
  const { clock, port, asRecorded } = options;
  return listenOnLoopback(port, async ({ method, path, query }, response) => {
    // Neither a time of today nor of then: an answer whose times are moved is as old as its body says.
    response.sendDate = false;
    const found = [...choices].find(([route]) => route.path === path && !isAboutElse(route, query));
    const how = { query, nowMs: clock.now(), asRecorded };
    if (!found) {
      const refusal = refused(404, 'not_found', `no recording answers this request for ${path}`);
      await deliver(response, refusal, null);
    } else if (method !== 'GET') {
      await deliver(response, refused(405, 'method_not_allowed', 'GET only'), null);
    } else {
      const [route, choice] = found;
      await deliver(response, answer(route, choice, { ...how, added: choice.added }), null);
    }
  });
}

const isAboutElse = ({ about = {} }: RecordedRoute, query: URLSearchParams) =>
  Object.entries(about).some(([name, value]) => (query.get(name) ?? value) !== value);

const answer = (route: RecordedRoute, choice: Choice, serving: Serving): Answer => ({
  status: 200,
  headers: { ...CONTENT_TYPE, ...keptHeaders(choice, serving), ...ageOf(route, choice, serving) },
  body: route.body(choice.recording, serving),
});

const CONTENT_TYPE = { 'content-type': 'application/json; charset=utf-8' };

function keptHeaders({ recording }: Choice, { asRecorded }: Serving): Record<string, string> {
  const names = asRecorded ? [...KEPT_HEADERS, ...TIME_HEADERS] : KEPT_HEADERS;
  const kept = names.flatMap((name) => {
    const value = recording.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}

/** What has no time inside says only in this way that it is not of now. */
function ageOf(
  route: RecordedRoute,
  { recording, timeMs }: Choice,
  { nowMs, asRecorded }: Serving,
): Record<string, string> {
  const isDatedInside = typeof route.recognise(recording)?.timeMs === 'number';
  if (!asRecorded || timeMs === null || isDatedInside) return {};
  const atOnceS = Number(recording.headers.age ?? 0);
  return { age: String(Math.max(0, Math.floor((nowMs - timeMs) / 1000)) + atOnceS) };
}
