/** The frame of the page: head, brief, cards, foot, notices. The same on the server and in the browser. */

import '../ui/ui.css';
import './page.css';
import type { Live } from '../live/index.ts';
import { Notices, Sentence } from '../ui/index.ts';
import { brief } from '../widgets/brief/index.tsx';
import type { Words } from '../widgets/widget.ts';
import type { Controls } from './controls.ts';
import { Foot } from './foot.tsx';
import { Head } from './head.tsx';
import { newsText, shownNow } from './speech.ts';
import { WIDGETS } from './widgets.ts';

/** What the frame is drawn from. */
export interface AppProps {
  readonly live: Live;
  readonly controls: Controls;
  /** The visitor is on the server's own machine. */
  readonly isLoopback: boolean;
}

/** Drawn anew as a whole only when the language or the time zone changes; the parts follow their own signals. */
export function App({ live, controls, isLoopback }: AppProps) {
  const words = controls.words.value;
  return (
    <>
      <a class="skip" href="#main">
        {words.t('ui.skip')}
      </a>
      <Head live={live} words={words} controls={controls} />
      <main class="page" id="main" tabIndex={-1}>
        <section class="lead" aria-label={words.t('aria.brief')}>
          <brief.View live={live} words={words} />
          {isLoopback ? <DemoHint live={live} words={words} /> : null}
        </section>
        <div class="report">
          {WIDGETS.map(({ id, View }) => (
            <View key={id} live={live} words={words} />
          ))}
        </div>
      </main>
      <Foot live={live} words={words} />
      <NoticeList live={live} words={words} controls={controls} />
    </>
  );
}

/** Whoever started the server without a network may want to see the page anyway. */
function DemoHint({ live, words }: { readonly live: Live; readonly words: Words }) {
  if (!live.hasNoFigures.value || live.isSimulated.value) return null;
  return (
    <p class="note">
      <Sentence text={words.t('hint.demo')} parts={{ command: <code>npm run demo</code> }} />
    </p>
  );
}

interface NoticeListProps {
  readonly live: Live;
  readonly words: Words;
  readonly controls: Controls;
}

function NoticeList({ live, words, controls: { board } }: NoticeListProps) {
  const reload = { label: words.t('ui.reload'), onPress: () => location.reload() };
  return (
    <Notices
      t={words.t}
      notices={board.posted.value.map(({ id, news }) => ({
        id,
        text: newsText(words, news, shownNow(live)),
        ...(news.kind === 'new_version' ? { action: reload } : {}),
      }))}
      onDismiss={board.remove}
    />
  );
}
