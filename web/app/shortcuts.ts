/** The keys R L T P: single letters, outside fields, and only while the visitor lets them. */

/** What a key does. */
export type Shortcut = 'refresh' | 'language' | 'theme' | 'pause';

/** Keys by what they do, as they are shown. */
export const SHORTCUT_KEYS = {
  refresh: 'R',
  language: 'L',
  theme: 'T',
  pause: 'P',
} as const satisfies Record<Shortcut, string>;

const ACTIONS = Object.entries(SHORTCUT_KEYS) as [Shortcut, string][];

/** The part of a key event that decides. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly repeat: boolean;
  readonly defaultPrevented: boolean;
  /** Whether the focus is where letters are typed. */
  readonly isInField: boolean;
}

/** The action of a key press; `null` when it is none of ours. */
export function shortcutOf(press: KeyPress): Shortcut | null {
  const hasModifier = press.ctrlKey || press.metaKey || press.altKey || press.shiftKey;
  if (hasModifier || press.repeat || press.defaultPrevented || press.isInField) return null;
  return ACTIONS.find(([, key]) => key === press.key.toUpperCase())?.[0] ?? null;
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['radio', 'checkbox'].includes(target.type)));

/** Listens to the document's keys; the result ends that. */
export function listenForShortcuts(
  isOn: () => boolean,
  act: (shortcut: Shortcut) => void,
): () => void {
  const listener = (event: KeyboardEvent) => {
    if (!isOn()) return;
    const { key, ctrlKey, metaKey, altKey, shiftKey, repeat, defaultPrevented } = event;
    const keys = { key, ctrlKey, metaKey, altKey, shiftKey, repeat, defaultPrevented };
    const shortcut = shortcutOf({ ...keys, isInField: isField(event.target) });
    if (shortcut) act(shortcut);
  };
  document.addEventListener('keydown', listener);
  return () => document.removeEventListener('keydown', listener);
}
