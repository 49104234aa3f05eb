/** Whose data this is, and what it is not. */

import type { Live } from '../live/index.ts';
import type { Words } from '../widgets/widget.ts';

const COINGECKO_URL = 'https://www.coingecko.com/';
const ALTERNATIVE_ME_URL = 'https://alternative.me/crypto/fear-and-greed-index/';
const TAAPI_URL = 'https://taapi.io/';

/** The attributions that the providers ask for, each a link to them. */
export function Foot({ live, words: { t } }: { readonly live: Live; readonly words: Words }) {
  const hasTaapi = live.figures.rsiTaapi.value.value !== null;
  return (
    <footer class="page foot">
      <p>{t('foot.advice')}</p>
      <ul class="foot-sources">
        <li>
          <Attribution href={COINGECKO_URL} text={t('foot.coingecko')} />
        </li>
        <li>
          <Attribution href={ALTERNATIVE_ME_URL} text={t('foot.fng')} />
        </li>
        {hasTaapi ? (
          <li>
            <Attribution href={TAAPI_URL} text={t('foot.taapi')} />
          </li>
        ) : null}
      </ul>
    </footer>
  );
}

const Attribution = ({ href, text }: { readonly href: string; readonly text: string }) => (
  <a href={href} rel="noopener noreferrer">
    {text}
  </a>
);
