/** What is said of a source whose routes are polled and whose prices are streamed: the worse of the two. */

import { type SourceId, type SourceState, worseState } from '../contract/index.ts';
import type { Feed, SourceWord } from './feed/feed.ts';

/** What a stream is doing. */
export interface StreamWord {
  readonly state: SourceState;
  readonly error: SourceWord['error'];
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

/** Knows nothing of any source yet. */
export function createWords(feed: Pick<Feed, 'report'>): Words {
  const polls = new Map<SourceId, SourceWord>();
  const streams = new Map<SourceId, SourceWord>();

  const merged = (id: SourceId): SourceWord => {
    const poll = polls.get(id);
    const stream = streams.get(id);
    if (poll === undefined || stream === undefined) return poll ?? stream ?? UNKNOWN;
    // Streams have no times, and those of the routes say nothing of them.
    return worseState(poll.state, stream.state) === poll.state ? poll : stream;
  };
  return {
    polled(words, postponed) {
      for (const [id, word] of words) polls.set(id, word);
      // Where a stream is what fails, the times of routes would read as its own.
      const ofRoutes = [...postponed].filter(([id]) => (streams.get(id)?.state ?? 'ok') === 'ok');
      feed.report(new Map([...words.keys()].map((id) => [id, merged(id)])), new Map(ofRoutes));
    },
    streamed(source, { state, error }) {
      streams.set(source, { ...UNKNOWN, state, error });
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
