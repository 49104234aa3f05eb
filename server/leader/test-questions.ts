/** Questions to Redis that wait for a test's answer. */

import type { ManualClock } from '../../contract/manual-clock.ts';

/** One that was asked. */
export interface Question<Q, A> {
  readonly asked: Q;
  /** Answers, and lets what follows from it happen. */
  answer(answer: A): Promise<void>;
  /** Answers with an error, and lets what follows from it happen. */
  refuse(error?: Error): Promise<void>;
}

/** What is asked, and what was asked so far. */
export interface Questions<Q, A> {
  ask(asked: Q): Promise<A>;
  /** How many. */
  count(): number;
  /** @throws Error when nothing was asked */
  last(): Question<Q, A>;
}

/** @param clock lets promises settle; it is not moved */
export function createQuestions<Q, A>(clock: ManualClock): Questions<Q, A> {
  const all: Question<Q, A>[] = [];
  return {
    ask: (asked) =>
      new Promise((resolve, reject) => {
        all.push({
          asked,
          answer(answer) {
            resolve(answer);
            return clock.advanceAsync(0);
          },
          refuse(error = new Error('refused')) {
            reject(error);
            return clock.advanceAsync(0);
          },
        });
      }),
    count: () => all.length,
    last() {
      const last = all.at(-1);
      if (last === undefined) throw new Error('nothing was asked');
      return last;
    },
  };
}

/** Keeps errors and news, and forgets what else is logged. */
export function createErrorLog() {
  const errors: string[] = [];
  const news: string[] = [];
  const ignore = () => {};
  const error = (_: object, message: string) => void errors.push(message);
  const info = (_: object, message: string) => void news.push(message);
  return { errors, news, debug: ignore, info, warn: ignore, error };
}
