/** Whose data this is, and what it is not. */

import type { Live } from '../live/index.ts';
import { SOURCE_LINKS } from '../widgets/source-links.ts';
import type { Words } from '../widgets/widget.ts';

/** Whose library draws the chart; its licence asks for this link. */
const CHART_LIBRARY = 'https://www.tradingview.com/';

/** The attributions that the providers ask for, each a link to them. */
export function Foot({ live, words: { t } }: { readonly live: Live; readonly words: Words }) {
  const hasTaapi = live.figures.rsiTaapi.value.value !== null;
  const off = live.figures.sources.value.flatMap(({ id, entry }) =>
    entry.state === 'off' ? [id] : [],
  );
  return (
    <footer class="page foot">
      <p>{t('foot.advice')}</p>
      <ul class="foot-sources">
        {off.includes('coingecko') ? null : (
          <li>
            <Attribution href={SOURCE_LINKS.coingecko} text={t('foot.coingecko')} />
          </li>
        )}
        {off.includes('alternative_me') ? null : (
          <li>
            <Attribution href={SOURCE_LINKS.alternative_me} text={t('foot.fng')} />
          </li>
        )}
        {hasTaapi ? (
          <li>
            <Attribution href={SOURCE_LINKS.taapi} text={t('foot.taapi')} />
          </li>
        ) : null}
        <li>
          <Attribution href={CHART_LIBRARY} text={t('foot.chart')} />
        </li>
      </ul>
    </footer>
  );
}

const Attribution = ({ href, text }: { readonly href: string; readonly text: string }) => (
  <a href={href} rel="noopener noreferrer">
    {text}
  </a>
);
