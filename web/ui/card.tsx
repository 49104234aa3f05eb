/** A card: what it is about, one line on where that comes from, and the figures. */

import type { ComponentChildren } from 'preact';

/** See {@link Card}. */
export interface CardProps {
  /** Unique on the page; names the card's heading. */
  readonly id: string;
  readonly title: string;
  /** Stands at the end of the heading's line: controls, a period. */
  readonly aside?: ComponentChildren;
  /** Source and age, said once for the whole card; its line is kept free while there is none. */
  readonly note?: ComponentChildren;
  /** More class names, e.g. the columns it takes. */
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A section with its heading; `note` is the last line, at the card's foot. */
export function Card({ id, title, aside, note, class: more, children }: CardProps) {
  return (
    <section class={more ? `card ${more}` : 'card'} aria-labelledby={`${id}-title`}>
      <header class="card-head">
        <h2 class="card-title" id={`${id}-title`}>
          {title}
        </h2>
        {aside}
      </header>
      <div class="card-body">{children}</div>
      {note === undefined ? null : <footer class="card-note">{note}</footer>}
    </section>
  );
}
