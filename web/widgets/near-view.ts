/** Whether an element is near what the visitor sees: what costs a request or a script waits for that. */

import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** Half a phone's screen: what is scrolled to slowly is there in time. */
const NEAR = '400px';
/** The page comes first; a browser that is never idle begins after this. */
const IDLE_WITHIN_MS = 1000;

/** Calls `run` when the browser has nothing else to do; the result forgets it. */
function whenIdle(run: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const handle = requestIdleCallback(run, { timeout: IDLE_WITHIN_MS });
    return () => cancelIdleCallback(handle);
  }
  const handle = setTimeout(run, IDLE_WITHIN_MS);
  return () => clearTimeout(handle);
}

/** `false` in the first paint. The signal is the same as long as the component lives. */
export function useNearView(element: RefObject<Element | null>): ReadonlySignal<boolean> {
  const isNear = useSignal(false);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        isNear.value = entries.at(-1)?.isIntersecting ?? false;
      },
      { rootMargin: NEAR },
    );
    const forget = whenIdle(() => {
      if (element.current) observer.observe(element.current);
    });
    return () => {
      forget();
      observer.disconnect();
    };
  }, [element, isNear]);
  return isNear;
}
