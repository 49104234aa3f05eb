/** The head of the page: its name, how the figures come in, and what can be done. */

import type { Live } from '../live/index.ts';
import { Chip, IconButton, StateDot } from '../ui/index.ts';
import type { Words } from '../widgets/widget.ts';
import type { Controls } from './controls.ts';
import { LanguageChoice, Menu, MenuButton, ThemeChoice } from './menu.tsx';
import { SHORTCUT_KEYS } from './shortcuts.ts';
import { linkText, shownNow } from './speech.ts';

/** See {@link Head}. */
export interface HeadProps {
  readonly live: Live;
  readonly words: Words;
  readonly controls: Controls;
}

/** Stays in sight while the page is scrolled. */
export function Head({ live, words, controls }: HeadProps) {
  return (
    <header class="head">
      <div class="page head-row">
        <h1 class="name type-strong">Marketcast</h1>
        <Connection live={live} words={words} controls={controls} />
        {live.isSimulated.value ? <Chip icon="warning">{words.t('state.simulated')}</Chip> : null}
        <div class="head-controls">
          <QuickControls live={live} words={words} controls={controls} />
          <MenuButton words={words} />
        </div>
      </div>
      <Menu live={live} words={words} controls={controls} />
    </header>
  );
}

/** The state as it is seen, and apart from it as it is spoken: a voice needs fewer words than an eye. */
function Connection({ live, words, controls }: HeadProps) {
  const link = live.shownLink.value;
  const at = { lastUpdatedMs: () => live.lastUpdatedMs.value, nowMs: shownNow(live) };
  return (
    <div class="link" data-state={link.state}>
      <StateDot state={link.state} />
      <span class="link-words" aria-hidden="true">
        {linkText(words, link, at)}
      </span>
      <span class="hidden" role="status" aria-label={words.t('aria.link')}>
        {linkText(words, controls.spokenLink.value, at)}
      </span>
    </div>
  );
}

/** What a wide head has room for; on a phone the same is in the menu. */
function QuickControls({ live, words, controls }: HeadProps) {
  const { t } = words;
  const isPaused = live.isPaused.value;
  // A key that was switched off is not advertised.
  const keyOf = (key: string) => (controls.hasShortcuts.value ? { shortcut: key } : {});
  return (
    <div class="quick">
      <LanguageChoice words={words} controls={controls} name="language" />
      <ThemeChoice words={words} controls={controls} name="theme" />
      <IconButton
        icon="refresh"
        label={t('ui.refresh')}
        busy={controls.isRefreshing.value}
        onPress={controls.refresh}
        {...keyOf(SHORTCUT_KEYS.refresh)}
      />
      <IconButton
        icon={isPaused ? 'play' : 'pause'}
        label={t(isPaused ? 'ui.resume' : 'ui.pause')}
        onPress={controls.togglePause}
        {...keyOf(SHORTCUT_KEYS.pause)}
      />
    </div>
  );
}
