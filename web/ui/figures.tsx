/** Numbers as they stand on the page: an amount in two sizes, a change with arrow, sign and colour. */

import type { Amount as AmountText, Change as ChangeText, Direction } from '../format/index.ts';
import { DASH } from './dash.ts';

const classes = (...names: (string | false | null | undefined)[]) =>
  names.filter((name) => name).join(' ');

/** See {@link Amount}. */
export interface AmountProps {
  /** Parts or a plain string; `null` is a dash. */
  readonly value: AmountText | string | null;
  readonly size?: 'hero' | 'figure' | 'strong' | 'body';
  /** Dimmed: out of date. */
  readonly stale?: boolean;
  /** The tint that fades once after a change. */
  readonly flash?: Direction;
}

/** A number and, smaller, its unit; as one text it is exactly `value.text`. */
export function Amount({ value, size = 'figure', stale = false, flash = 'flat' }: AmountProps) {
  const name = classes(
    'amount',
    `type-${size}`,
    (stale || value === null) && 'stale',
    flash !== 'flat' && `flash-${flash}`,
  );
  if (value === null) return <span class={name}>{DASH}</span>;
  if (typeof value === 'string') return <span class={name}>{value}</span>;
  const { number, unit, text } = value;
  if (unit === '') return <span class={name}>{number}</span>;
  // The space between is set in the small type, or it would tear the two apart.
  const spaced = text.slice(number.length);
  return (
    <span class={name}>
      {number}
      <span class={spaced === unit ? 'unit-glued' : 'unit'}>{spaced}</span>
    </span>
  );
}

/** The price the page is about, in its largest type. */
export const Price = (props: AmountProps) => <Amount size="hero" {...props} />;

/** See {@link Change}. */
export interface ChangeProps {
  /** `null` is a dash. */
  readonly change: ChangeText | null;
  /** The time it covers, in small type after it. */
  readonly period?: string;
  readonly size?: 'strong' | 'body';
  /** Dimmed: out of date. The arrow stays. */
  readonly stale?: boolean;
}

/** The sign says it to a screen reader, the arrow to an eye that does not tell the two colours apart. */
export function Change({ change, period, size = 'body', stale = false }: ChangeProps) {
  const isDim = stale || change === null;
  return (
    <span class={classes('change', `type-${size}`, isDim ? 'stale' : change.direction)}>
      {change === null ? DASH : change.text === change.whole ? change.text : withArrow(change)}
      {period === undefined ? null : <span class="unit">{` ${period}`}</span>}
    </span>
  );
}

function withArrow({ text, whole }: ChangeText) {
  return (
    <>
      <span class="arrow" aria-hidden="true">
        {whole.slice(0, whole.length - text.length)}
      </span>
      {text}
    </>
  );
}
