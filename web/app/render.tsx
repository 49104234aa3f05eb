/** Renders the page on the server, with the real numbers, in the visitor's language. */

import { renderToString } from 'preact-render-to-string';
import { systemClock } from '../../contract/index.ts';
import { createLive } from '../live/index.ts';
import { App } from './app.tsx';
import { hashedPath } from './asset.ts';
import { createControls } from './controls.ts';
import { EMBEDDED_ID, embed, ROOT_ID } from './embedded.ts';
import { ICON_BYTES } from './icon.ts';
import type { RenderPage, Theme } from './page.ts';
import { titleText } from './speech.ts';
import { THEME_COLORS } from './theme-color.ts';

const ICON_PATH = hashedPath('icon', 'svg', ICON_BYTES);

/** Nobody looks at a page while it is rendered. */
const UNSEEN = { isHidden: () => true, onChange: () => () => {} };

const COLOR_SCHEMES = {
  light: 'light',
  dark: 'dark',
  system: 'light dark',
} as const satisfies Record<Theme, string>;

/** The whole HTML. No figure, age or class in it comes from anything but `input`. */
export const renderPage: RenderPage = (input) => {
  const { document, position, nowMs, assets, appVersion, isLoopback } = input;
  const { language, theme, colours } = input;
  const preferences = { language, theme, colours };
  const clock = { ...systemClock, now: () => nowMs };
  const live = createLive({ clock, visibility: UNSEEN }, { document, renderedAtMs: nowMs });
  const controls = createControls({ live, clock, preferences, appVersion, ...NOBODY });
  const words = controls.words.peek();
  const title = titleText(words, live.figures.btc.peek(), nowMs);
  const embedded = {
    ...preferences,
    document,
    position,
    renderedAtMs: nowMs,
    appVersion,
    isLoopback,
  };
  const html = renderToString(
    <html lang={language} data-theme={theme} data-colours={colours}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <meta name="description" content={words.t('page.description')} />
        <meta name="color-scheme" content={COLOR_SCHEMES[theme]} />
        <meta
          name="theme-color"
          media="(prefers-color-scheme: light)"
          content={THEME_COLORS[theme === 'dark' ? 'dark' : 'light']}
        />
        <meta
          name="theme-color"
          media="(prefers-color-scheme: dark)"
          content={THEME_COLORS[theme === 'light' ? 'light' : 'dark']}
        />
        <link rel="icon" type="image/svg+xml" href={ICON_PATH} />
        <link rel="stylesheet" href={assets.style} />
        <script type="module" src={assets.script} />
      </head>
      <body>
        <div id={ROOT_ID}>
          <App live={live} controls={controls} isLoopback={isLoopback} />
        </div>
        {/* The text is made safe for its place by `embed`; escaped as text it would not be JSON. */}
        <script
          id={EMBEDDED_ID}
          type="application/json"
          dangerouslySetInnerHTML={{ __html: embed(embedded) }}
        />
      </body>
    </html>,
  );
  return `<!doctype html>${html}`;
};

/** Nobody presses a button on the server, and nothing is told there. */
const NOBODY = {
  ask: () => Promise.resolve({ status: 'failed' } as const),
  isDeviceOffline: () => false,
};
