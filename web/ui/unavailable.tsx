/** A dash with its reason behind it. */

import type { Translate } from '../i18n/index.ts';
import { DASH } from './dash.ts';
import { Icon } from './icon.tsx';

/** See {@link Unavailable}. */
export interface UnavailableProps {
  readonly t: Translate;
  /** Unique on the page. */
  readonly id: string;
  /** The figure's name. */
  readonly figure: string;
  /** Why there is none, in a sentence or two. */
  readonly reason: string;
  readonly size?: 'hero' | 'figure' | 'body';
}

/**
 * A real button that opens the reason above the page, so that nothing moves. The browser opens and closes it itself
 * (popover), with the keyboard and without a script too.
 */
export function Unavailable({ t, id, figure, reason, size = 'figure' }: UnavailableProps) {
  return (
    <span class="unavailable">
      <button
        type="button"
        class={`why type-${size}`}
        popovertarget={id}
        aria-label={t('ui.why', { figure })}
      >
        {DASH}
        <Icon name="why" />
      </button>
      <span class="reason" id={id} popover="auto">
        {reason}
      </span>
    </span>
  );
}
