/** Who is asked when streams come and go: polled prices for coins that nobody streams, candles of the next exchange. */

import type { Clock, SourceId } from '../contract/index.ts';
import { CANDLE_SOURCES } from './feed/choice.ts';
import type { Feed } from './feed/feed.ts';
import type { Rounds } from './rounds.ts';
import type { StreamListener } from './streams.ts';
import { STREAM_GRACE_MS, type Task } from './tasks.ts';

/** What stands in, and for what. */
export interface StandInDeps {
  readonly clock: Clock;
  readonly feed: Pick<Feed, 'unstreamedCoins'>;
  readonly rounds: Pick<Rounds, 'ask'>;
  readonly tasks: readonly Task[];
}

/** The stand-ins of one term. */
export interface StandIns extends Pick<StreamListener, 'connected' | 'lost'> {
  /** A new version is shown: an exchange may have been set aside, or a coin's streamed price be too old. */
  versionShown(): void;
  close(): void;
}

/** The prices, and candles of others than the first exchange, which every round asks. */
const standsIn = ({ gives, upstream }: Task) =>
  gives === 'prices' || (gives === 'candles' && upstream !== CANDLE_SOURCES[0]);

/** The candles of one exchange. */
const candlesOf =
  (source: SourceId) =>
  ({ gives, upstream }: Task) =>
    gives === 'candles' && upstream === source;

/** Begins with the term: until streams have had their time, the first round is all that asks. */
export function createStandIns({ clock, feed, rounds, tasks }: StandInDeps): StandIns {
  const standIns = tasks.filter(standsIn);
  const seen = new Set<SourceId>();
  let unstreamed = new Set(feed.unstreamedCoins());
  // Prices are what the first round has asked for.
  const grace = clock.after(STREAM_GRACE_MS, () =>
    rounds.ask(standIns.filter(({ gives }) => gives === 'candles')),
  );
  return {
    connected(source) {
      // While it was away a day may have ended unseen; at the beginning of a term the first round asks.
      const isBack = seen.has(source);
      seen.add(source);
      if (!isBack) return;
      rounds.ask(tasks.filter(candlesOf(source)));
    },
    // Its own candles go on where its running price has ended.
    lost: (source) => rounds.ask(tasks.filter((task) => standsIn(task) || candlesOf(source)(task))),
    versionShown() {
      const before = unstreamed;
      unstreamed = new Set(feed.unstreamedCoins());
      if ([...unstreamed].some((coin) => !before.has(coin))) rounds.ask(standIns);
    },
    close: () => grace.cancel(),
  };
}
