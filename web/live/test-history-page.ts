/** A page that shows series as a test tells it to, and what answers it. */

import type { HistoryBody } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { LivePoint } from './follow.ts';
import { createHistory } from './history.ts';
import { TEST_NOW_MS } from './test-document.ts';
import { answerHistory } from './test-history.ts';

/** What the history endpoint does. */
export type Answer = (path: string, signal: AbortSignal) => Response | Promise<Response>;

/** Answers whatever is asked, whole. */
export const fromSeries: Answer = (path) =>
  Response.json(answerHistory(new URLSearchParams(path.split('?')[1])));

/** Never answers, until it is given up. */
export const silent: Answer = (_, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

/** Nothing is shown yet; `wake` is what the browser calls when the page is seen again. */
export function createPage(first: Answer = fromSeries) {
  const clock = createManualClock(TEST_NOW_MS);
  const page = {
    clock,
    answer: first,
    asked: [] as string[],
    aborted: 0,
    isHidden: false,
    isPaused: false,
    point: null as LivePoint | null,
    wake: () => {},
  };
  const history = createHistory({
    clock,
    visibility: {
      isHidden: () => page.isHidden,
      onChange(listener) {
        page.wake = listener;
        return () => {
          page.wake = () => {};
        };
      },
    },
    async fetch(path, { signal }) {
      page.asked.push(path);
      signal.addEventListener('abort', () => {
        page.aborted += 1;
      });
      return page.answer(path, signal);
    },
    random: () => 0.5,
    now: () => clock.now(),
    isPaused: () => page.isPaused,
    pointOf: () => page.point,
  });
  const price = history.of('btc_price', '24h');
  const show = () => history.show('btc_price', '24h');
  return Object.assign(page, { history, price, show, state: () => price.value.state });
}

/** The rows of what is ready; none before. */
export const rowsOf = (shown: { state: string; body?: HistoryBody }) => shown.body?.rows ?? [];
