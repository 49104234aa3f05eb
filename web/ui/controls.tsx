/** What can be pressed: a button with an icon, and a choice of one among a few. */

import { Icon, type IconName } from './icon.tsx';

/** See {@link IconButton}. */
export interface IconButtonProps {
  readonly icon: IconName;
  /** The button's name; shown when the pointer rests on it. */
  readonly label: string;
  readonly onPress: () => void;
  /** At work: the button says so and cannot be pressed, but keeps the focus. */
  readonly busy?: boolean;
  /** A button that stays down; leave it out for one that does not. */
  readonly pressed?: boolean;
  /** A key that does the same, e.g. `R`. */
  readonly shortcut?: string;
}

/** A real button, named in words. */
export function IconButton(props: IconButtonProps) {
  const { icon, label, onPress, busy = false, pressed, shortcut } = props;
  return (
    <button
      type="button"
      class={busy ? 'button icon-button busy' : 'button icon-button'}
      aria-label={label}
      title={shortcut === undefined ? label : `${label} (${shortcut})`}
      aria-pressed={pressed}
      aria-disabled={busy || undefined}
      aria-keyshortcuts={shortcut}
      onClick={busy ? undefined : onPress}
    >
      <Icon name={icon} />
    </button>
  );
}

/** One of the choices of a {@link Segmented}. */
export interface Option<Value extends string> {
  readonly value: Value;
  /** Its whole name. */
  readonly label: string;
  /** What is seen: a short text or an icon; the name itself when left out. */
  readonly short?: string;
  readonly icon?: IconName;
  /** Language of the label, when it is not the page's. */
  readonly lang?: string;
}

/** See {@link Segmented}. */
export interface SegmentedProps<Value extends string> {
  /** What is chosen; the name of the group. */
  readonly label: string;
  /** Unique on the page. */
  readonly name: string;
  readonly options: readonly Option<Value>[];
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
}

/** Real radio buttons, drawn as one bar: the arrow keys work, and the choice is told by more than colour. */
export function Segmented<Value extends string>(props: SegmentedProps<Value>) {
  const { label, name, options, value, onChoose } = props;
  return (
    <fieldset class="segmented">
      <legend class="hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} title={option.label} lang={option.lang}>
          <input
            class="hidden"
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            aria-label={spokenName(option)}
            onChange={() => onChoose(option.value)}
          />
          <span class="segment">
            {option.icon ? <Icon name={option.icon} /> : (option.short ?? option.label)}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** What is seen comes first, so that a person who steers by voice can say it. */
const spokenName = ({ short, label }: Option<string>) =>
  short === undefined ? label : `${short}, ${label}`;

/** See {@link Toggles}. */
export type TogglesProps<Value extends string> = Omit<SegmentedProps<Value>, 'name'>;

/** As {@link Segmented}, of buttons: each acts at once and says whether it is down. */
export function Toggles<Value extends string>(props: TogglesProps<Value>) {
  const { label, options, value, onChoose } = props;
  return (
    <fieldset class="segmented">
      <legend class="hidden">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          class="segment"
          aria-pressed={option.value === value}
          onClick={() => onChoose(option.value)}
        >
          {option.short ?? option.label}
        </button>
      ))}
    </fieldset>
  );
}
