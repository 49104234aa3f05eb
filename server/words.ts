/** What is said of a source whose routes are polled and whose prices are streamed: the worse of the two. */

import { type ErrorCode, type SourceId, type SourceState, worseState } from '../contract/index.ts';
import type { Feed, SourceWord } from './feed/feed.ts';

/** What a stream is doing. */
export interface StreamWord {
  readonly state: SourceState;
  readonly error: ErrorCode | null;
}

/** Keeps both words of every source, and tells the feed. */
export interface Words {
  /** After a round: the sources' polled side. */
  polled(
    words: ReadonlyMap<SourceId, SourceWord>,
    postponed: ReadonlyMap<SourceId, number | null>,
  ): void;
  /** A stream has changed. */
  streamed(source: SourceId, word: StreamWord): void;
}

/** @param now wall clock, ms since 1970 */
export function createWords(feed: Pick<Feed, 'report'>, now: () => number): Words {
  const polls = new Map<SourceId, SourceWord>();
  const streams = new Map<SourceId, SourceWord>();

  const merged = (id: SourceId): SourceWord => {
    const poll = polls.get(id);
    const stream = streams.get(id);
    if (poll === undefined || stream === undefined) return poll ?? stream ?? UNKNOWN;
    const state = worseState(poll.state, stream.state);
    // Streams have no times; where both do equally badly the polled error is the one with a next attempt.
    return { ...poll, state, error: state === poll.state ? poll.error : stream.error };
  };
  return {
    polled(words, postponed) {
      for (const [id, word] of words) polls.set(id, word);
      feed.report(new Map([...words.keys()].map((id) => [id, merged(id)])), postponed);
    },
    streamed(source, { state, error }) {
      streams.set(source, {
        ...UNKNOWN,
        state,
        error: error === null ? null : { code: error, atMs: now() },
      });
      feed.report(new Map([[source, merged(source)]]));
    },
  };
}

const UNKNOWN: SourceWord = {
  state: 'ok',
  lastSuccessAtMs: null,
  nextAttemptAtMs: null,
  error: null,
};
