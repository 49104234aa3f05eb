/** More about a figure behind a button, opened above the page, so that nothing moves. */

import type { ComponentChildren, TargetedFocusEvent } from 'preact';
import { Icon } from './icon.tsx';

/** See {@link Details}. */
export interface DetailsProps {
  /** Unique on the page. */
  readonly id: string;
  /** The button's name. */
  readonly label: string;
  /** Source and age of the figure: what the button is described by. */
  readonly note?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/**
 * A press opens and closes it, without a script too (popover); reaching the button by keyboard opens it, leaving
 * closes it, and Escape closes it at any time.
 */
export function Details({ id, label, note, children }: DetailsProps) {
  const noteId = `${id}-note`;
  return (
    <>
      <button
        type="button"
        class="more"
        popovertarget={id}
        aria-label={label}
        {...(note === undefined ? {} : { 'aria-describedby': noteId })}
        onFocus={openByKeyboard}
        onBlur={close}
      >
        <Icon name="more" />
      </button>
      <div class="reason details" id={id} popover="auto">
        {children}
        {note === undefined ? null : <div id={noteId}>{note}</div>}
      </div>
    </>
  );
}

const boxOf = ({ popoverTargetElement: box }: HTMLButtonElement): HTMLElement | null =>
  box instanceof HTMLElement ? box : null;

/** A mouse or a finger opens it by the press that follows; opened here already, that would close it. */
function openByKeyboard({ currentTarget: button }: TargetedFocusEvent<HTMLButtonElement>): void {
  const box = boxOf(button);
  if (box?.matches(':not(:popover-open)') && button.matches(':focus-visible')) {
    box.showPopover({ source: button });
  }
}

function close({ currentTarget: button }: TargetedFocusEvent<HTMLButtonElement>): void {
  boxOf(button)?.hidePopover();
}
