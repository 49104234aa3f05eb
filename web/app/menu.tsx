/** The options: what is seldom chosen, and on a phone everything that can be. */

import type { ComponentChildren } from 'preact';
import type { Live } from '../live/index.ts';
import { Icon, type IconName, Segmented } from '../ui/index.ts';
import type { Words } from '../widgets/widget.ts';
import type { Controls } from './controls.ts';
import { SHORTCUT_KEYS, type Shortcut } from './shortcuts.ts';

const MENU_ID = 'options';

interface ChoiceProps {
  readonly words: Words;
  readonly controls: Controls;
  /** Unique on the page. */
  readonly name: string;
}

/** VI | EN, each named in its own language. */
export const LanguageChoice = ({ words: { t }, controls, name }: ChoiceProps) => (
  <Segmented
    label={t('ui.language')}
    name={name}
    value={controls.preferences.value.language}
    onChoose={(language) => controls.choose({ language })}
    options={[
      { value: 'vi', label: t('language.vi'), short: 'VI', lang: 'vi' },
      { value: 'en', label: t('language.en'), short: 'EN', lang: 'en' },
    ]}
  />
);

/** Light, dark, or what the device says. */
export const ThemeChoice = ({ words: { t }, controls, name }: ChoiceProps) => (
  <Segmented
    label={t('ui.theme')}
    name={name}
    value={controls.preferences.value.theme}
    onChoose={(theme) => controls.choose({ theme })}
    options={[
      { value: 'light', label: t('ui.light'), icon: 'sun' },
      { value: 'dark', label: t('ui.dark'), icon: 'moon' },
      { value: 'system', label: t('ui.system'), icon: 'system' },
    ]}
  />
);

const ColourChoice = ({ words: { t }, controls, name }: ChoiceProps) => (
  <Segmented
    label={t('ui.colours')}
    name={name}
    value={controls.preferences.value.colours}
    onChoose={(colours) => controls.choose({ colours })}
    options={[
      { value: 'green-red', label: t('ui.green_red') },
      { value: 'blue-orange', label: t('ui.blue_orange') },
    ]}
  />
);

/** Opens the options; the browser does it, and closes them on Escape and on a press outside. */
export const MenuButton = ({ words: { t } }: { readonly words: Words }) => (
  <button
    type="button"
    class="button icon-button"
    popovertarget={MENU_ID}
    aria-label={t('ui.menu')}
    title={t('ui.menu')}
  >
    <Icon name="menu" />
  </button>
);

interface MenuProps {
  readonly live: Live;
  readonly words: Words;
  readonly controls: Controls;
}

/** What the menu button opens. */
export function Menu({ live, words, controls }: MenuProps) {
  const { t } = words;
  const isPaused = live.isPaused.value;
  return (
    <section id={MENU_ID} class="menu" popover="auto" aria-label={t('ui.menu')}>
      <div class="menu-narrow">
        <Action icon="refresh" text={t('ui.refresh')} onPress={controls.refresh} />
        <Action
          icon={isPaused ? 'play' : 'pause'}
          text={t(isPaused ? 'ui.resume' : 'ui.pause')}
          onPress={controls.togglePause}
        />
        <Named name={t('ui.language')}>
          <LanguageChoice words={words} controls={controls} name="menu-language" />
        </Named>
        <Named name={t('ui.theme')}>
          <ThemeChoice words={words} controls={controls} name="menu-theme" />
        </Named>
      </div>
      <Named name={t('ui.colours')}>
        <ColourChoice words={words} controls={controls} name="colours" />
      </Named>
      <Shortcuts live={live} words={words} controls={controls} />
    </section>
  );
}

interface ActionProps {
  readonly icon: IconName;
  readonly text: string;
  readonly onPress: () => void;
}

const Action = ({ icon, text, onPress }: ActionProps) => (
  <button type="button" class="button menu-action" onClick={onPress}>
    <Icon name={icon} />
    {text}
  </button>
);

/** A choice under its name; the name is for the eye, the choice carries it for assistive technology. */
const Named = ({ name, children }: { readonly name: string; children: ComponentChildren }) => (
  <div class="menu-choice">
    <span class="menu-name" aria-hidden="true">
      {name}
    </span>
    {children}
  </div>
);

const KEY_NAMES = {
  refresh: 'ui.refresh',
  language: 'ui.language',
  theme: 'ui.theme',
  pause: 'ui.pause',
} as const satisfies Record<Shortcut, string>;

const SHORTCUTS = Object.keys(SHORTCUT_KEYS) as Shortcut[];

/** The keys, and the switch that silences them. */
function Shortcuts({ words: { t }, controls }: MenuProps) {
  const isOn = controls.hasShortcuts.value;
  return (
    <div class="menu-choice">
      <label class="menu-switch">
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => controls.setShortcuts(event.currentTarget.checked)}
        />
        <span>{t('ui.shortcuts')}</span>
      </label>
      <ul class={isOn ? 'menu-keys' : 'menu-keys stale'}>
        {SHORTCUTS.map((shortcut) => (
          <li key={shortcut}>
            <kbd>{SHORTCUT_KEYS[shortcut]}</kbd>
            <span>{t(KEY_NAMES[shortcut])}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
