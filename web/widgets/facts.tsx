/** Small figures with their names, beside or under a card's own. */

import './facts.css';
import type { ComponentChildren } from 'preact';

/** One small figure. */
export interface Fact {
  readonly label: string;
  readonly value: ComponentChildren;
  /** A word after the figure. */
  readonly detail?: string;
  /** The one that holds just now. */
  readonly isHere?: boolean;
}

/** See {@link Facts}. */
export interface FactsProps {
  readonly facts: readonly Fact[];
  /** `rows`: name and figure on one line each · `columns`: side by side, the name above the figure. */
  readonly as: 'rows' | 'columns';
  readonly stale?: boolean;
}

/** Names and figures, as the list of terms that they are. */
export function Facts({ facts, as, stale = false }: FactsProps) {
  return (
    <dl class={stale ? `facts facts-${as} stale` : `facts facts-${as}`}>
      {facts.map(({ label, value, detail, isHere = false }) => (
        <div key={label} class={isHere ? 'fact here' : 'fact'}>
          <dt>{label}</dt>
          <dd>
            <span class="fact-value">{value}</span>
            {detail === undefined ? null : <span class="fact-detail">{detail}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
