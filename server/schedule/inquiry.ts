/** One inquiry: what a round or an `ask` wants to know, each chain of stand-ins walked as far as is needed. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { Budget } from './budget.ts';
import type { CallResult, RoundTask } from './schedule.ts';
import type { Finding } from './source-reports.ts';

/**
 * So long a call may take before the next of its chain is asked too. A chain of four whose first three are silent reaches
 * the last after 7.5 s, within the ten that a switch may take.
 */
export const HEDGE_MS = 2500;

/** What inquiries are made with. */
export interface InquiryDeps<R> {
  readonly clock: Clock;
  /** All there are, those of a chain in its order. */
  readonly tasks: readonly RoundTask<R>[];
  readonly budget: Budget<RoundTask<R>>;
  readonly mayCall: () => boolean;
  /** Calls that have been made and not answered, of all inquiries. */
  readonly underWay: ReadonlyMap<RoundTask<R>, Promise<CallResult<R> | null>>;
  /** Makes a call that was granted; it is under way from then on. `null`: it was not made after all. Never rejects. */
  readonly call: (task: RoundTask<R>) => Promise<CallResult<R> | null>;
  /** A task's `isWanted` has thrown. */
  readonly onMistake: (task: RoundTask<R>, err: unknown) => void;
}

/** What came of an inquiry. */
export interface Findings {
  /** Any call was made, or waited for. */
  readonly hasCalled: boolean;
  /** Any of them succeeded. */
  readonly hasAnswer: boolean;
}

/** An inquiry under way. */
export interface Inquiry {
  /** Resolves when all calls have been answered; never, once it was closed. */
  readonly over: Promise<Findings>;
  /** No further call is made. */
  close(): void;
}

/**
 * - `idle` not wanted so far
 * - `refused` wanted, and not to be asked now
 * - `expected` asked and not answered yet
 * - `overdue` the same, for longer than {@link HEDGE_MS}
 * - `failed` asked in vain
 * - `answered`
 */
type Standing = 'idle' | 'refused' | 'expected' | 'overdue' | 'failed' | 'answered';

/** A task's part in an inquiry. */
interface Place<R> {
  readonly task: RoundTask<R>;
  standing: Standing;
  /** Runs out when an expected answer is overdue. */
  hedge: Timer | null;
}

/**
 * Begins an inquiry; the first calls are made before this returns.
 * @param isRound whether it counts as one: what fails outside of rounds is asked too often to say how an upstream does
 */
export function inquire<R>(
  deps: InquiryDeps<R>,
  asked: readonly RoundTask<R>[],
  isRound: boolean,
): Inquiry {
  const { clock, budget, mayCall, underWay } = deps;
  const { places, isWanted, after } = arrange(deps, asked);
  const over = Promise.withResolvers<Findings>();
  /** Calls that this inquiry has made itself. */
  const made = new Map<RoundTask<R>, CallResult<R>>();
  const findings = { hasCalled: false, hasAnswer: false };
  let pending = 0;
  let isClosed = false;

  /** Asks those that have not been asked and are wanted. */
  const consider = (list: readonly Place<R>[]): void => {
    if (!mayCall()) return;
    const granted = list.filter(
      (place) => place.standing === 'idle' && isWanted(place) && admit(place),
    );
    budget.spend(granted.map(({ task }) => task));
    for (const place of granted) {
      const answer = deps.call(place.task);
      void answer.then((result) => result !== null && made.set(place.task, result));
      expect(place, answer);
    }
  };

  /** @returns whether a call is to be made now */
  const admit = (place: Place<R>): boolean => {
    const answer = underWay.get(place.task);
    const claim = answer === undefined ? budget.claim(place.task, isRound) : null;
    place.standing = claim === 'refused' ? 'refused' : 'expected';
    if (answer !== undefined) expect(place, answer);
    if (claim instanceof Promise) {
      // Another call finds out whether the upstream answers at all.
      follow(place, claim, () => {
        place.standing = 'idle';
        consider([place, ...after(place)]);
      });
    }
    return claim === 'granted';
  };

  const expect = (place: Place<R>, answer: Promise<CallResult<R> | null>): void => {
    follow(place, answer, (result) => {
      if (result !== null) findings.hasCalled = true;
      place.standing = result?.ok === true ? 'answered' : 'failed';
      if (result?.ok === true) findings.hasAnswer = true;
      else consider(after(place));
    });
  };

  const follow = <T>(place: Place<R>, event: Promise<T>, then: (result: T) => void): void => {
    pending += 1;
    place.hedge = clock.after(HEDGE_MS, () => {
      place.standing = 'overdue';
      consider(after(place));
    });
    void event.then((result) => {
      if (isClosed) return;
      place.hedge?.cancel();
      then(result);
      pending -= 1;
      endIfOver();
    });
  };

  const endIfOver = (): void => {
    if (pending > 0) return;
    budget.roundEnded(
      made,
      new Map(places.map((place) => [place.task, findingOf(place)])),
      isRound,
    );
    over.resolve(findings);
  };

  consider(places);
  endIfOver();
  return {
    over: over.promise,
    close() {
      isClosed = true;
      for (const { hedge } of places) hedge?.cancel();
    },
  };
}

const findingOf = ({ standing }: Pick<Place<unknown>, 'standing'>): Finding => {
  if (standing === 'idle') return 'unwanted';
  return standing === 'refused' ? 'refused' : 'asked';
};

/** Who takes part, in the order of the list, and who comes before whom. */
function arrange<R>(
  { tasks, underWay, onMistake }: InquiryDeps<R>,
  asked: readonly RoundTask<R>[],
) {
  const places = tasks
    .filter((task) => asked.includes(task))
    .map((task): Place<R> => ({ task, standing: 'idle', hedge: null }));
  const chainOf = ({ chain }: RoundTask<R>) =>
    chain === undefined ? [] : tasks.filter((task) => task.chain === chain);

  /** Whether it has answered, or is expected to: here or in another inquiry. */
  const isHopeful = (task: RoundTask<R>): boolean => {
    const standing = places.find((place) => place.task === task)?.standing ?? 'idle';
    if (standing === 'idle') return underWay.has(task);
    return standing === 'expected' || standing === 'answered';
  };
  return {
    places,
    isWanted({ task }: Place<R>): boolean {
      const chain = chainOf(task);
      const betterFailed = !chain.slice(0, Math.max(0, chain.indexOf(task))).some(isHopeful);
      try {
        return task.isWanted?.(betterFailed) ?? betterFailed;
      } catch (err) {
        onMistake(task, err);
        return false;
      }
    },
    /** Those that stand in for it. */
    after({ task }: Place<R>): readonly Place<R>[] {
      const chain = chainOf(task);
      const later = chain.slice(chain.indexOf(task) + 1);
      return places.filter((place) => later.includes(place.task));
    },
  };
}
