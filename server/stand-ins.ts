/** Who is asked when streams come and go: polled prices for coins that nobody streams, candles of the next exchange. */

import type { Clock, DashboardDocument, SourceId } from '../contract/index.ts';
import { createErrand } from './errand.ts';
import { CANDLE_SOURCES } from './feed/choice.ts';
import type { Feed } from './feed/feed.ts';
import type { Rounds } from './rounds.ts';
import type { StreamListener } from './streams.ts';
import { STREAM_GRACE_MS, type Task } from './tasks.ts';

/** What stands in, and for what. */
export interface StandInDeps {
  readonly clock: Clock;
  readonly feed: Pick<Feed, 'unstreamedCoins' | 'hasRunningCandles'>;
  readonly rounds: Pick<Rounds, 'ask'>;
  readonly tasks: readonly Task[];
  /** Whether any exchange is streamed at all: where none is, polled prices are what rounds are for. */
  readonly hasStreams: boolean;
}

/** The stand-ins of one term. */
export interface StandIns extends Pick<StreamListener, 'connected' | 'lost'> {
  /** A new version is shown: an exchange may have been set aside, or a coin's streamed price be too old. */
  versionShown(document: Pick<DashboardDocument, 'coins'>): void;
  close(): void;
}

/** Begins with the term: until streams have had their time, the first round is all that asks. */
export function createStandIns(deps: StandInDeps): StandIns {
  const { clock, feed, rounds, tasks, hasStreams } = deps;
  const running = () => CANDLE_SOURCES.filter((source) => feed.hasRunningCandles(source));
  const areWanted = (wanted: readonly Task[]) =>
    wanted.some(({ isWanted }) => isWanted?.(true) ?? true);
  const errandFor = (wanted: readonly Task[], isNeeded = () => areWanted(wanted)) =>
    createErrand({ clock, ask: () => rounds.ask(wanted), isNeeded });
  const priceTasks = tasks.filter(({ gives }) => gives === 'prices');
  const prices = errandFor(priceTasks);
  const candles = tasks.filter(({ gives }) => gives === 'candles');
  // The first exchange's are asked for in every round anyway.
  const otherCandles = errandFor(candles.filter(({ upstream }) => upstream !== CANDLE_SOURCES[0]));
  const ownCandles = new Map(
    candles.map(
      (task) => [task.upstream, errandFor([task], () => running().length === 0)] as const,
    ),
  );
  const seen = new Set<SourceId>();
  let unstreamed = new Set(feed.unstreamedCoins());
  let ran = running();
  /** A coin without a live price: the first round asked for them, and was not answered. */
  let isPriceMissing = true;
  const grace = clock.after(STREAM_GRACE_MS, () => {
    otherCandles.run();
    if (hasStreams && isPriceMissing && areWanted(priceTasks)) prices.run();
  });
  return {
    connected(source) {
      // While it was away a day may have ended unseen; at the beginning of a term the first round asks.
      const isBack = seen.has(source);
      seen.add(source);
      if (isBack) ownCandles.get(source)?.run();
    },
    lost(source) {
      prices.run();
      otherCandles.run();
      // They go on where the running price has ended.
      ownCandles.get(source)?.run();
    },
    versionShown({ coins }) {
      const before = { unstreamed, ran };
      isPriceMissing = Object.values(coins).some(({ state }) => state !== 'live');
      unstreamed = new Set(feed.unstreamedCoins());
      ran = running();
      const isCoinLost = [...unstreamed].some((coin) => !before.unstreamed.has(coin));
      if (isCoinLost) prices.run();
      if (isCoinLost || before.ran.some((source) => !ran.includes(source))) otherCandles.run();
    },
    close() {
      grace.cancel();
      for (const errand of [prices, otherCandles, ...ownCandles.values()]) errand.close();
    },
  };
}
