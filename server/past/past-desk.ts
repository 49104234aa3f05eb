/** Asks upstreams for the past: every source's archive as a task of the schedule, which says whether it may be asked now. */

import { type Clock, EXCHANGES, type SourceId, type Timer } from '../../contract/index.ts';
import type { PastAnswer, PastDesk, Wanted } from '../history/past.ts';
import type { RoundResult, RoundTask } from '../schedule/schedule.ts';
import { type Binding, type BoundRoute, bindSource } from '../sources/ask.ts';
import type {
  CallLimits,
  CandleArchive,
  CandlePage,
  IndexArchive,
  Poll,
  Reading,
  Source,
} from '../sources/source.ts';
import { answerOf, pageOf } from './past-page.ts';

/** A source that is asked, and what its routes are bound to. */
export interface BoundSource {
  readonly source: Source;
  readonly binding: Binding;
  /** Of this node: its share of what the upstream allows. */
  readonly limits: CallLimits;
}

/** What a desk is made of. */
export interface PastDeskDeps {
  readonly clock: Clock;
  /** Those in use. */
  readonly sources: readonly BoundSource[];
  /** Whether an exchange's prices are off, so that nobody is shown them. */
  readonly isSetAside: (source: SourceId) => boolean;
  /** As many ask the upstreams for themselves. */
  readonly nodes: number;
  /** Asks outside of rounds; `failed` when nobody answered. */
  readonly ask: (tasks: readonly PastTask[]) => Promise<RoundResult>;
  /** How long until one may be asked so, ms. */
  readonly freeInMs: (task: PastTask) => number;
}

/** An archive as the schedule asks it. */
export interface PastTask extends RoundTask<Reading> {
  readonly gives: 'past';
}

/** A {@link PastDesk} of one term. */
export interface TermPastDesk extends PastDesk {
  /** For the schedule: exchanges in the order of preference. */
  readonly tasks: readonly PastTask[];
  close(): void;
}

/** So much of an upstream's calls of a minute pages may take; the rest is for what is shown. */
const SHARE_OF_MINUTE = 2 / 3;
const MINUTE_MS = 60_000;

/**
 * An exchange that is silent until the deadline is left out for so long, where another can be asked: each of dozens of
 * pages would wait for it.
 */
const SILENT_REST_MS = 2 * MINUTE_MS;

/**
 * So long an exchange is waited for that may not be asked at once, because a round has just asked it: charts of one
 * exchange are better than charts of two.
 */
const PATIENCE_MS = 15_000;

/** What lies on the desk, and what came for it. */
interface Errand {
  readonly wanted: Wanted;
  readonly answers: Map<SourceId, PastAnswer>;
}

/** One thing is asked for at a time; whoever asks for another meanwhile waits. */
export function createPastDesk(deps: PastDeskDeps): TermPastDesk {
  const { clock } = deps;
  const state: DeskState = { errand: null, nextAtMs: Number.NEGATIVE_INFINITY };
  const archives = bindArchives(deps, state);
  const waits = new Set<Timer>();
  let last: Promise<unknown> = Promise.resolve();

  /** Never comes once the term is over. */
  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = clock.after(ms, () => {
        waits.delete(timer);
        resolve();
      });
      waits.add(timer);
    });
  const askFor = async (wanted: Wanted): Promise<PastAnswer | 'unknown' | null> => {
    const not = wanted.kind === 'candles' ? (wanted.not ?? []) : [];
    const all = archives.filter(({ has, task }) => has(wanted) && !not.includes(task.upstream));
    if (all.length === 0) return 'unknown';
    // Charts with a price that is off are worse than charts that come later.
    const trusted = all.filter(({ task }) => !deps.isSetAside(task.upstream));
    const known = trusted.length > 0 ? trusted : all;
    const spacingMs = state.nextAtMs - clock.monotonic();
    if (spacingMs > 0) await wait(spacingMs);
    const rested = known.filter(({ isResting }) => !isResting());
    const able = rested.length > 0 ? rested : known;
    const waitsMs = able.map(({ task }) => deps.freeInMs(task));
    const bestMs = waitsMs.find((ms) => ms <= PATIENCE_MS) ?? 0;
    if (bestMs > 0) await wait(bestMs);
    const errand: Errand = { wanted, answers: new Map() };
    state.errand = errand;
    await deps.ask(able.map(({ task }) => task));
    state.errand = null;
    const best = able.find(({ task }) => errand.answers.has(task.upstream));
    return (best && errand.answers.get(best.task.upstream)) ?? null;
  };
  return {
    tasks: archives.map(({ task }) => task),
    ask(wanted) {
      const answer = last.then(() => askFor(wanted));
      last = answer;
      return answer;
    },
    close() {
      for (const timer of waits) timer.cancel();
    },
  };
}

interface DeskState {
  errand: Errand | null;
  /** When the next page may be asked for, on the monotonic clock. */
  nextAtMs: number;
}

/** An archive that is asked through its task. */
interface BoundArchive {
  readonly task: PastTask;
  /** Whether it has the newest of what is wanted, as far as is known. */
  has(wanted: Wanted): boolean;
  /** Whether it was silent a moment ago. */
  isResting(): boolean;
}

function bindArchives(deps: PastDeskDeps, state: DeskState): readonly BoundArchive[] {
  const order: readonly SourceId[] = EXCHANGES;
  const placeOf = ({ source }: BoundSource) => {
    const place = order.indexOf(source.id);
    return place < 0 ? order.length : place;
  };
  return deps.sources
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .flatMap((bound) => {
      const { past } = bound.source;
      return past === undefined ? [] : [bindArchive(deps, state, bound, past)];
    });
}

function bindArchive(
  { clock, nodes }: PastDeskDeps,
  state: DeskState,
  { source, binding, limits }: BoundSource,
  past: CandleArchive | IndexArchive,
): BoundArchive {
  const nowS = () => Math.floor(clock.now() / 1000);
  const has = (wanted: Wanted) =>
    past.gives === 'fng'
      ? wanted.kind === 'fng'
      : wanted.kind === 'candles' && pageOf(past, wanted, nowS()) !== null;
  const route = bindOne(source, binding, pollOf(source.id, past, state, nowS));
  const spacingMs = spacingOf(past, source.limits(binding.options), nodes);
  let restsUntilMs = Number.NEGATIVE_INFINITY;
  return {
    has,
    isResting: () => clock.monotonic() < restsUntilMs,
    task: {
      upstream: source.id,
      route: past.route,
      limits,
      gives: 'past',
      isBackground: true,
      ...(past.gives === 'candles' && { chain: 'past' }),
      isWanted: (betterFailed) => betterFailed && state.errand !== null && has(state.errand.wanted),
      async call() {
        state.nextAtMs = Math.max(state.nextAtMs, clock.monotonic() + spacingMs);
        const answer = await route.call();
        if (!answer.ok && answer.code === 'timeout') {
          restsUntilMs = clock.monotonic() + SILENT_REST_MS;
        }
        return answer;
      },
    },
  };
}

/** Many nodes that ask for themselves keep together the distance that one would. */
const spacingOf = (
  past: CandleArchive | IndexArchive,
  { perMinute = Number.POSITIVE_INFINITY }: CallLimits,
  nodes: number,
): number =>
  nodes *
  Math.max(
    past.gives === 'candles' ? past.spacingMs : 0,
    MINUTE_MS / (perMinute * SHARE_OF_MINUTE),
  );

const bindOne = (source: Source, binding: Binding, poll: Poll): BoundRoute => {
  const [route] = bindSource({ ...source, polls: [poll] }, binding);
  if (route === undefined) throw new TypeError('a source of one route has one');
  return route;
};

/** The archive as a route: it brings no reading; what it tells of the past is laid on the desk. */
function pollOf(
  id: SourceId,
  past: CandleArchive | IndexArchive,
  state: DeskState,
  nowS: () => number,
): Poll {
  /** What the call under way was asked for. */
  let asked: { readonly errand: Errand; readonly page: CandlePage | null } | null = null;
  return {
    route: past.route,
    gives: 'past',
    request() {
      const { errand } = state;
      if (errand === null) throw new TypeError('nothing of the past is wanted');
      if (past.gives === 'fng') {
        asked = { errand, page: null };
        return past.request();
      }
      const page = errand.wanted.kind === 'candles' ? pageOf(past, errand.wanted, nowS()) : null;
      if (page === null) throw new TypeError(`${id} has nothing of what is wanted`);
      asked = { errand, page };
      return past.request(page);
    },
    read(body, { receivedAtMs }) {
      if (asked === null) throw new TypeError('an answer to nothing');
      const { errand, page } = asked;
      const answer = answerOf(id, past, page, body, receivedAtMs);
      errand.answers.set(id, answer);
      return [];
    },
  };
}
