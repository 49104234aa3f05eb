/** Spans of time, and lists of them. Pure. */

/** From `fromS` on, before `toS`; seconds since 1970. */
export interface Span {
  readonly fromS: number;
  readonly toS: number;
}

/** Oldest first, none touching another. */
export type Spans = readonly Span[];

/**
 * So many spans are remembered of a list, the newest: pages lie beside each other and become one span, so that more than
 * a few dozen mean that somebody answers at random.
 */
export const MAX_SPANS = 100;

/** With one more; those that touch become one. */
export function withSpan(spans: Spans, added: Span): Spans {
  if (added.toS <= added.fromS) return spans;
  const touches = ({ fromS, toS }: Span) => fromS <= added.toS && toS >= added.fromS;
  const joined = [added, ...spans.filter(touches)];
  const merged = {
    fromS: Math.min(...joined.map(({ fromS }) => fromS)),
    toS: Math.max(...joined.map(({ toS }) => toS)),
  };
  return [...spans.filter((span) => !touches(span)), merged]
    .sort((a, b) => a.fromS - b.fromS)
    .slice(-MAX_SPANS);
}

/** What of them lies before a moment. */
export const spansBefore = <S extends Span>(spans: readonly S[], beforeS: number): readonly S[] =>
  spans
    .filter(({ fromS }) => fromS < beforeS)
    .map((span) => ({ ...span, toS: Math.min(span.toS, beforeS) }));

/** Whether a moment lies in one of them. */
export const isWithin = (spans: Spans, timeS: number): boolean =>
  spans.some(({ fromS, toS }) => fromS <= timeS && timeS < toS);
