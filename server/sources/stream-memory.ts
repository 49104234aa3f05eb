/** What is remembered of exchanges' streams beyond a term, so that terms that follow each other fast are no storm. */

import type { SourceId } from '../../contract/index.ts';
import {
  createStreamBackoff,
  type StreamBackoff,
  type StreamBackoffDeps,
} from './stream-backoff.ts';
import { createTrouble, type Trouble, type TroubleLog } from './trouble.ts';

/** What is remembered of one exchange's. */
export interface RememberedStream {
  readonly backoff: StreamBackoff;
  readonly trouble: Trouble;
  /** The last first prices of a connection came too late to be live. */
  isLate: boolean;
}

/** One for all terms of a process. */
export interface StreamMemory {
  of(source: SourceId): RememberedStream;
}

/** What a memory is made of. */
export interface StreamMemoryDeps extends StreamBackoffDeps {
  readonly log: TroubleLog;
}

/** Remembers nothing yet. */
export function createStreamMemory(deps: StreamMemoryDeps): StreamMemory {
  const remembered = new Map<SourceId, RememberedStream>();
  return {
    of(source) {
      const known = remembered.get(source) ?? {
        backoff: createStreamBackoff(deps, source),
        trouble: createTrouble(deps.clock, deps.log),
        isLate: false,
      };
      remembered.set(source, known);
      return known;
    },
  };
}
