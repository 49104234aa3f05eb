/** Who said what, how old it is, what failed and when it is tried again. */

import './sources.css';
import {
  BASE_COIN,
  EXCHANGES,
  SOURCE_NAMES,
  type SourceEntry,
  type SourceId,
} from '../../../contract/index.ts';
import { formatShare } from '../../format/index.ts';
import type { Live, SourceFigure } from '../../live/index.ts';
import { Card } from '../../ui/index.ts';
import { SOURCE_LINKS } from '../source-links.ts';
import { inText, whenText } from '../when.ts';
import type { Widget, WidgetProps, Words } from '../widget.ts';

/** The name by which the trade knows Bitcoin's share. */
const SHORT_DOMINANCE = 'BTC.D';

function View({ live, words }: WidgetProps) {
  const { t } = words;
  const sources = live.figures.sources.value;
  const asked = sources.filter(({ entry }) => entry.state !== 'off');
  const off = sources.filter(({ entry }) => entry.state === 'off');
  return (
    <Card id="sources" class="sources" title={t('card.sources')}>
      {asked.length === 0 ? <p class="note">{t('why.no_source')}</p> : null}
      <ul class="source-list">
        {asked.map((source) => (
          <Row key={source.id} live={live} words={words} source={source} />
        ))}
      </ul>
      {off.length === 0 ? null : (
        <p class="note source-off">
          {`${t('source.off')}: ${off.map(({ id }) => SOURCE_NAMES[id]).join(', ')}`}
        </p>
      )}
    </Card>
  );
}

interface RowProps extends WidgetProps {
  readonly source: SourceFigure;
}

function Row({ live, words, source }: RowProps) {
  const { id, entry } = source;
  const isWell = entry.state === 'ok';
  return (
    <li class="source">
      <a class="source-name" href={SOURCE_LINKS[id]} rel="noopener noreferrer">
        {SOURCE_NAMES[id]}
      </a>
      {/* Nothing at all rather than an empty text, which no markup of the server could hold. */}
      <span class="source-figures">{suppliedBy(live, words, id).join(', ') || null}</span>
      <span class={isWell ? 'source-state' : 'source-state ill'}>{stateText(words, entry)}</span>
      <span class="source-success">
        <Success live={live} words={words} source={source} />
      </span>
      <span class="source-next">
        {isTriedAgain(entry) ? <NextTry live={live} words={words} entry={entry} /> : null}
      </span>
    </li>
  );
}

/** One that is set aside answers all the while: what it is asked next brings nothing back. */
const isTriedAgain = ({ state }: SourceEntry): boolean => state !== 'ok' && state !== 'set_aside';

/** The figures on the page that come from a source. */
function suppliedBy(live: Live, { t }: Words, id: SourceId): string[] {
  const { coins, etfs, market, fng, rsi, rsiTaapi } = live.figures.origins.value;
  const named = (source: SourceId | null | undefined, ...names: string[]) =>
    source === id ? names : [];
  const others = Object.entries({ ...coins, ...etfs }).filter(([symbol]) => symbol !== BASE_COIN);
  return [
    ...named(coins[BASE_COIN], t('card.btc')),
    ...named(market, t('short.market_cap'), t('card.volume'), SHORT_DOMINANCE),
    ...named(fng, t('card.fng')),
    ...(rsi === id || rsiTaapi === id ? [t('card.rsi')] : []),
    ...others.flatMap(([symbol, source]) => named(source, symbol)),
  ];
}

function stateText({ t, language }: Words, { state, error, deviation_percent }: SourceEntry) {
  if (state === 'set_aside') {
    const pct =
      deviation_percent === null ? '' : formatShare(Math.abs(deviation_percent), language);
    return t('source.set_aside', { pct });
  }
  const name = t(`source.${state}`);
  // Only a failure has more than one cause; the other states say theirs by their own name.
  return state === 'failing' && error ? `${name}: ${t(`error.${error.code}`)}` : name;
}

/**
 * A stream has no times: of one that lives that is said; of one that does not, nothing more is known. One that is also
 * asked for candles now and then is not as old as the last answer.
 */
function Success({ live, words, source: { id, entry } }: RowProps) {
  const { t } = words;
  const { state, last_success_at, next_attempt_at } = entry;
  const isWell = state === 'ok' && live.figures.origins.value.streams.includes(id);
  if (isWell || state === 'set_aside') return t('source.stream');
  if (last_success_at !== null) {
    return t('source.last_ok', { age: whenText(live, words, Date.parse(last_success_at)) });
  }
  // A stand-in that nobody needs now, and that has never answered, has nothing to say.
  if (state === 'ok')
    return EXCHANGES.some((exchange) => exchange === id) ? t('source.stream') : null;
  return next_attempt_at === null ? null : t('source.never');
}

interface EntryProps extends WidgetProps {
  readonly entry: SourceEntry;
}

function NextTry({ live, words, entry: { next_attempt_at } }: EntryProps) {
  if (next_attempt_at === null) return null;
  const { t } = words;
  const at = Date.parse(next_attempt_at);
  const isDue = (live.nowMs.value ?? live.renderedAtMs) >= at;
  return isDue ? t('source.due') : t('source.next', { in: inText(live, words, at) });
}

/** A row for each source that is asked; the others in one line. */
export const sources = { id: 'sources', View } as const satisfies Widget;
