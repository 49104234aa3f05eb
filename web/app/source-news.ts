/** What deserves a notice of the sources: one that does not answer, one that is back, another one's figures. Pure, but for what is remembered between two looks. */

import type { SourceEntry, SourceId } from '../../contract/index.ts';
import type { NamedFigure, News } from './news.ts';

/** Who supplies what at one moment. */
export interface Supply {
  readonly sources: Readonly<Partial<Record<SourceId, SourceEntry>>>;
  readonly figures: Readonly<Record<'btc' | 'market' | 'fng' | 'rsi', SourceId | null>>;
  /** The coins but Bitcoin, by symbol. */
  readonly coins: Readonly<Record<string, SourceId | null>>;
  /** Every source that a figure on the page comes from, and the newest time of its figures, ms since 1970. */
  readonly inUse: ReadonlyMap<SourceId, number | null>;
}

const isSilent = (entry: SourceEntry | undefined): boolean =>
  entry?.state === 'failing' || entry?.state === 'blocked';

/**
 * Since when the figures of a source stand still; `null` when they may not. A source that has just been answered on
 * another route keeps some of them going, and the panel says what fails. Of a stream, which has no times, and of one
 * that is also asked for candles now and then, the figures themselves say more.
 */
function stillSinceMs(source: SourceId, was: Supply, now: Supply): number | null {
  const answeredAt = now.sources[source]?.last_success_at ?? null;
  if (answeredAt !== (was.sources[source]?.last_success_at ?? null)) return null;
  const asOfMs = now.inUse.get(source) ?? null;
  if (answeredAt === null || asOfMs === null) return asOfMs;
  return Math.max(Date.parse(answeredAt), asOfMs);
}

type Switch = readonly [figure: NamedFigure, source: SourceId];

/** Coming from nobody is no switch. */
function switchOf(was: SourceId | null | undefined, now: SourceId | null): SourceId | null {
  return was === null || was === undefined || was === now ? null : now;
}

/** The other coins one by one, or as one where all of them went to the same source. */
function coinSwitches(was: Supply, now: Supply): Switch[] {
  const symbols = Object.keys(now.coins);
  const switches = symbols.flatMap((symbol): Switch[] => {
    const source = switchOf(was.coins[symbol], now.coins[symbol] ?? null);
    return source === null ? [] : [[`coin:${symbol}`, source]];
  });
  const [first] = switches;
  const isAll = switches.length === symbols.length && symbols.length > 1;
  return first && isAll && switches.every(([, source]) => source === first[1])
    ? [['coins', first[1]]]
    : switches;
}

/** One message for each source that figures went to, however many they are. */
function switched(was: Supply, now: Supply): News[] {
  const named = (['btc', 'market', 'fng', 'rsi'] as const).flatMap((figure): Switch[] => {
    const source = switchOf(was.figures[figure], now.figures[figure]);
    return source === null ? [] : [[figure, source]];
  });
  const bySource = Map.groupBy([...named, ...coinSwitches(was, now)], ([, source]) => source);
  return [...bySource].map(([source, switches]) => ({
    kind: 'source_switched',
    figures: switches.map(([figure]) => figure),
    source,
  }));
}

/** Looks at the sources: is given each of their states and answers what to say, nothing at the first look. */
export function createSourceWatch(): (supply: Supply) => News[] {
  let before: Supply | null = null;
  const missed = new Set<SourceId>();

  const failed = (was: Supply, now: Supply): News[] =>
    [...now.inUse.keys()].flatMap((source) => {
      if (!isSilent(now.sources[source]) || isSilent(was.sources[source])) return [];
      const atMs = stillSinceMs(source, was, now);
      if (atMs === null || missed.has(source)) return [];
      missed.add(source);
      return [{ kind: 'source_failed', source, atMs }];
    });
  /** Whoever has its figures again is told of by that. */
  const back = (now: Supply, switches: readonly News[]): News[] =>
    [...missed].flatMap((source) => {
      if (now.sources[source]?.state !== 'ok') return [];
      missed.delete(source);
      const isTold = switches.some((news) => 'source' in news && news.source === source);
      return isTold ? [] : [{ kind: 'source_back', source }];
    });

  return (now) => {
    const was = before;
    before = now;
    if (was === null) return [];
    const switches = switched(was, now);
    return [...failed(was, now), ...back(now, switches), ...switches];
  };
}
