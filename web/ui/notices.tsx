/** What has just happened, in words, over the foot of the page. */

import type { Translate } from '../i18n/index.ts';
import { Icon } from './icon.tsx';

/** One message. */
export interface Notice {
  /** Unique among those that stand. */
  readonly id: string;
  readonly text: string;
  /** Something to do about it. */
  readonly action?: { readonly label: string; readonly onPress: () => void };
}

/** More than three at once are read by nobody; the oldest go first. */
export const MAX_NOTICES = 3;

/** See {@link Notices}. */
export interface NoticesProps {
  readonly t: Translate;
  /** Oldest first. */
  readonly notices: readonly Notice[];
  readonly onDismiss: (id: string) => void;
}

/** A live region that is always there, so that what enters it is spoken; it never takes the focus. */
export function Notices({ t, notices, onDismiss }: NoticesProps) {
  return (
    <div class="notices" role="status" aria-label={t('aria.notices')}>
      <ul>
        {notices.slice(-MAX_NOTICES).map(({ id, text, action }) => (
          <li class="notice" key={id}>
            <span class="notice-text">{text}</span>
            {action ? (
              <button type="button" class="button" onClick={action.onPress}>
                {action.label}
              </button>
            ) : null}
            <button
              type="button"
              class="button icon-button"
              aria-label={t('ui.close')}
              onClick={() => onDismiss(id)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
