/** The rounds of one term: what a round tells the feed, the other nodes and the log, and when the next one is. */

import { type Clock, isEmpty, type SourceId } from '../contract/index.ts';
import type { Broker, RoundOutcome } from './broker/broker.ts';
import type { Config } from './config.ts';
import type { Feed } from './feed/feed.ts';
import type { Publisher } from './feed/publisher.ts';
import type { Lease } from './leader/lease.ts';
import type { Log } from './log.ts';
import type { Ledger } from './schedule/ledger.ts';
import { createRoundSchedule } from './schedule/round-schedule.ts';
import type { RoundResult } from './schedule/schedule.ts';
import type { Reading } from './sources/source.ts';
import type { Task } from './tasks.ts';
import type { Words } from './words.ts';

/** What rounds are made of. */
export interface RoundDeps {
  readonly config: Pick<Config, 'fetchIntervalS' | 'refreshMinIntervalS'>;
  readonly clock: Clock;
  readonly broker: Broker;
  readonly lease: Lease;
  /** One for all terms. */
  readonly ledger: Ledger;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The term they belong to. */
export interface RoundParts {
  readonly feed: Feed;
  readonly publisher: Publisher;
  readonly words: Words;
  readonly tasks: readonly Task[];
  /** Whether any exchange streams prices now: then there is somebody who answers. */
  readonly isStreaming: () => boolean;
  /** As many as ask the upstreams for themselves. */
  readonly nodes: number;
}

/** The rounds of a term. */
export interface Rounds {
  /** Somebody rang for a round: it is joined or begun, unless one was begun a moment ago. */
  refresh(): void;
  /**
   * Asks some of the tasks outside of rounds, as far as they are wanted and their upstreams allow: `failed` when none was
   * answered.
   */
  ask(tasks: readonly Task[]): Promise<RoundResult>;
  /** How long until a task may be asked outside of rounds, as far as is known, ms; `Infinity`: only a round can tell. */
  freeInMs(task: Task): number;
  /** Seconds between two calls of an upstream's route, as far as is planned now. */
  intervalS(upstream: SourceId): number;
  close(): void;
}

/** While nothing at all was ever read, a failed round is followed by another after this; doubled each time. */
const FIRST_RETRY_MS = 15_000;
/** After as many rounds in which nothing answered, another node may be answered where this one is not. */
const FAILED_BEFORE_STANDING_BACK = 3;
/** For as many intervals the other nodes go first then. */
const STAND_BACK_INTERVALS = 2;
/** Nodes on their own spread their rounds by this share of the interval in either direction. */
const INTERVAL_SPREAD = 0.1;
/** This share of the interval between refreshes is kept here as well: Redis' clock, which grants them, may run faster. */
const KEPT_OF_REFRESH_INTERVAL = 0.95;

/** Rings that do not count are answered no more often than this, whoever on the channel rings. */
const ANSWER_SPACING_MS = 1000;

/** Starts the rounds: the first one as soon as it is known what upstreams allow. */
export function startRounds(deps: RoundDeps, parts: RoundParts): Rounds {
  const { clock, broker, lease, ledger, log } = deps;
  const { feed, words, tasks, nodes } = parts;
  const ending = createEnding(deps, parts);
  const rings = createRings(deps);
  const schedule = createRoundSchedule<Reading>(
    {
      clock,
      tasks,
      ledger,
      random: deps.random,
      mayCall: () => lease.isHeld(),
      log,
      listener: {
        started() {
          feed.roundStarted();
          const announced = rings.roundStarted();
          if (!lease.isHeld()) return;
          broker
            .roundStarted()
            .then(announced, (err) => log.debug({ err }, 'a round was not announced'));
        },
        readings: (readings) => feed.accept(readings),
        reports: words.polled,
        ended(result, hasCalled) {
          rings.roundEnded();
          ending.roundEnded(result, hasCalled);
        },
      },
    },
    {
      ...rhythm(deps, nodes),
      // As many nodes try as early as ask for themselves.
      retryEarlyMs: (failures) =>
        isEmpty(broker.held().document) ? FIRST_RETRY_MS * nodes * 2 ** (failures - 1) : null,
    },
  );
  const upstreams = [...new Set(tasks.map(({ upstream }) => upstream))];
  const caughtUp = ledger.catchUp(upstreams);
  let hasStarted = false;
  void caughtUp.then(() => {
    const calls = Object.fromEntries(upstreams.map((id) => [id, ledger.calls(id)]));
    log.debug({ calls }, 'the first round follows');
    hasStarted = true;
    schedule.start();
  });
  return {
    refresh() {
      void caughtUp.then(() => {
        if (rings.count()) void schedule.refresh();
        else if (rings.mayAnswer()) ending.repeat();
      });
    },
    async ask(wanted) {
      // Before the first round nobody knows yet what upstreams allow, and it asks all of them.
      return hasStarted ? schedule.ask(wanted) : 'failed';
    },
    freeInMs: schedule.freeInMs,
    intervalS: schedule.intervalS,
    close() {
      ending.close();
      schedule.close();
    },
  };
}

/**
 * Tells rings that count from those that nobody was granted: every round that was announced begins the interval in which
 * no claim is granted, so whoever rings within it has no right to a round, or has one under way.
 */
function createRings({ config, clock }: RoundDeps) {
  const keptMs = KEPT_OF_REFRESH_INTERVAL * config.refreshMinIntervalS * 1000;
  let announcedAtMs = Number.NEGATIVE_INFINITY;
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  let isUnderWay = false;
  return {
    /** @returns to be called once the nodes have been told */
    roundStarted() {
      const startedAtMs = clock.monotonic();
      isUnderWay = true;
      return () => {
        announcedAtMs = startedAtMs;
      };
    },
    roundEnded() {
      isUnderWay = false;
    },
    count: () => clock.monotonic() - announcedAtMs >= keptMs,
    /**
     * Whether a ring that does not count is answered with the last round's end: where Redis has lost the word of that
     * round, somebody was granted another one and waits.
     */
    mayAnswer() {
      const nowMs = clock.monotonic();
      if (isUnderWay || nowMs - answeredAtMs < ANSWER_SPACING_MS) return false;
      answeredAtMs = nowMs;
      return true;
    },
  };
}

/** What follows from the end of a round: word to the other nodes and the log, and the way out for others. */
function createEnding(deps: RoundDeps, { feed, publisher, isStreaming }: RoundParts) {
  const { broker, lease, log } = deps;
  const outage = createOutageNews(log);
  const standBack = createStandBack(deps);
  let last: RoundOutcome = 'unchanged';
  let isClosed = false;
  // What became of a round whose term is over is for the next leader to say.
  const isOver = () => isClosed || !lease.isHeld();
  const announce = async (outcome: RoundOutcome) => {
    const position = await publisher.settled();
    if (isOver()) return;
    await broker
      .endRound(position, outcome)
      .catch((err) => log.warn({ err }, 'the end of a round was not announced'));
  };
  const tell = async (result: RoundResult, hasCalled: boolean) => {
    const isAnswered = result === 'answered' || isStreaming();
    if (hasCalled) outage.roundEnded(isAnswered ? 'answered' : 'failed');
    const effect = feed.roundEnded();
    last = isAnswered ? effect : 'failed';
    await announce(last);
    if (!isOver() && hasCalled) standBack.roundEnded(result);
  };
  return {
    roundEnded: (result: RoundResult, hasCalled: boolean) => void tell(result, hasCalled),
    /** Says once more how the last round ended. */
    repeat: () => void announce(last),
    close() {
      isClosed = true;
      standBack.close();
    },
  };
}

/** Several nodes that ask for themselves ask as often as one would, and not at the same moments. */
function rhythm({ config, broker, random }: RoundDeps, nodes: number) {
  const intervalMs = config.fetchIntervalS * nodes * 1000;
  if (nodes === 1) return { intervalMs };
  const jittered = intervalMs * (1 - INTERVAL_SPREAD + 2 * INTERVAL_SPREAD * random());
  // Who has nothing to show does not wait for its turn.
  const firstAfterMs = isEmpty(broker.held().document) ? 0 : jittered * random();
  return { intervalMs: jittered, firstAfterMs };
}

/** Lets another node try when this one is answered by no upstream. */
function createStandBack({ config, broker, lease }: RoundDeps) {
  let failed = 0;
  let nodes = 1;
  const leave = broker.subscribe((event) => {
    if (event.type === 'heartbeat') nodes = event.nodes;
  });
  return {
    roundEnded(result: RoundResult) {
      failed = result === 'failed' ? failed + 1 : 0;
      if (failed < FAILED_BEFORE_STANDING_BACK || nodes < 2) return;
      lease.standBack(STAND_BACK_INTERVALS * config.fetchIntervalS * 1000);
    },
    close: leave,
  };
}

/** Says in one sentence that no upstream answers, and in another that they do again: each once. */
function createOutageNews(log: Log) {
  let isOut = false;
  return {
    roundEnded(result: RoundResult) {
      const wasOut = isOut;
      isOut = result === 'failed';
      if (isOut && !wasOut) {
        log.warn(
          'No upstream answers; the server keeps trying. ' +
            'Without internet, "npm run demo" shows the page with simulated data.',
        );
      } else if (wasOut && !isOut) {
        log.info('The upstreams answer again.');
      }
    },
  };
}
