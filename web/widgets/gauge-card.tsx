/** A card that is a gauge and, beside it, what belongs to its number. */

import './gauge-card.css';
import type { ComponentChildren } from 'preact';
import type { SourceId } from '../../contract/index.ts';
import type { Standing } from '../live/index.ts';
import { Card, Gauge, type GaugeProps } from '../ui/index.ts';
import { type Fact, Facts } from './facts.tsx';
import { CardNote, Missing } from './standing.tsx';
import type { WidgetProps } from './widget.ts';

/** See {@link GaugeCard}. */
export interface GaugeCardProps extends WidgetProps {
  readonly id: string;
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly standing: Standing;
  readonly gauge: Omit<GaugeProps, 'stale'>;
  readonly facts: readonly Fact[];
  /** What has a standing of its own, in rows as wide as the card. */
  readonly below?: readonly Fact[];
  readonly candidates: readonly SourceId[];
  /** Stands under all of it. */
  readonly children?: ComponentChildren;
}

/** Gauge and list; side by side where the card is wide enough. */
export function GaugeCard(props: GaugeCardProps) {
  const { live, words, id, title, aside, standing, gauge, facts, below = [], candidates } = props;
  const stale = standing.state === 'stale';
  return (
    <Card
      id={id}
      class={`${id} pair-card`}
      title={title}
      aside={aside}
      note={<CardNote live={live} words={words} of={standing} />}
    >
      <div class="pair">
        <div class="drawing">
          <Gauge {...gauge} stale={stale} />
          {gauge.value === null ? (
            <Missing
              live={live}
              words={words}
              id={`${id}-why`}
              figure={title}
              candidates={candidates}
            />
          ) : null}
        </div>
        <Facts as="rows" facts={facts} stale={stale} />
      </div>
      {below.length === 0 ? null : (
        <div class="pair-below">
          <Facts as="rows" facts={below} />
        </div>
      )}
      {props.children}
    </Card>
  );
}
