/** A series that a card shows while it is near: asked for then, kept afterwards. */

import { effect, type ReadonlySignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { HistoryRange, HistorySeries } from '../../contract/index.ts';
import type { Live, ShownHistory } from '../live/index.ts';
import { useNearView } from './near-view.ts';

/** @param element of the card that shows it */
export function useShownSeries(
  { history }: Pick<Live, 'history'>,
  element: RefObject<Element | null>,
  series: HistorySeries,
  range: HistoryRange,
): ReadonlySignal<ShownHistory> {
  const isNear = useNearView(element);
  useEffect(
    () => effect(() => (isNear.value ? history.show(series, range) : undefined)),
    [isNear, history, series, range],
  );
  return useMemo(() => history.of(series, range), [history, series, range]);
}
