/** The chart's points for whoever does not see it, or wants to reckon with them. */

import { useSignal } from '@preact/signals';
import type { HistoryBody } from '../../../contract/index.ts';
import { formatPrice, formatRsi } from '../../format/index.ts';
import type { Key } from '../../i18n/index.ts';
import { historyPath } from '../../live/index.ts';
import { DASH } from '../../ui/index.ts';
import type { Words } from '../widget.ts';
import type { ChartModel, Reading } from './model.ts';
import { momentOf } from './writing.ts';

interface PointsProps {
  readonly words: Words;
  readonly model: ChartModel;
}

/** A table behind a button, made when it is opened, and a link to the file. */
export function Points({ words, model }: PointsProps) {
  const { t } = words;
  const isOpen = useSignal(false);
  return (
    <div class="chart-points">
      <a
        class="chart-csv"
        href={historyPath(model.series.value, model.range.value, 'csv')}
        download
      >
        {t('chart.csv')}
      </a>
      <details
        class="chart-table"
        onToggle={({ currentTarget }) => {
          if (currentTarget.open) model.read();
          isOpen.value = currentTarget.open;
        }}
      >
        <summary>{t('chart.table')}</summary>
        {isOpen.value ? <Table words={words} reading={model.reading.value} /> : null}
      </details>
    </div>
  );
}

/** Columns of a series by their place in its rows; volumes are in the file alone. */
const COLUMNS = {
  line: [['col.price', 1]],
  candles: [
    ['col.open', 1],
    ['col.high_short', 2],
    ['col.low_short', 3],
    ['col.close', 4],
  ],
} as const satisfies Record<string, readonly (readonly [Key, number])[]>;

const columnsOf = (body: HistoryBody | null): readonly (readonly [Key, number])[] =>
  body?.series === 'btc_candles' ? COLUMNS.candles : COLUMNS.line;

interface TableProps {
  readonly words: Words;
  readonly reading: Reading;
}

/** The newest first. */
function Table({ words, reading: { price, rsi } }: TableProps) {
  const { t, language } = words;
  const columns = columnsOf(price);
  const rsiAt = new Map(rsi?.rows.map(([time, value]) => [time, value]));
  return (
    <table class="chart-rows">
      <thead>
        <tr>
          <th scope="col">{t('col.time')}</th>
          {columns.map(([key]) => (
            <th key={key} scope="col">
              {t(key)}
            </th>
          ))}
          <th scope="col">{t('card.rsi')}</th>
        </tr>
      </thead>
      <tbody>
        {price?.rows.toReversed().map((row) => (
          <tr key={row[0]}>
            <th scope="row">{momentOf(words, row[0], price.interval_s)}</th>
            {columns.map(([key, at]) => (
              <td key={key} data-name={t(key)}>
                {written(row[at], (usd) => formatPrice(usd, language))}
              </td>
            ))}
            <td data-name={t('card.rsi')}>
              {written(rsiAt.get(row[0]), (value) => formatRsi(value, language))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const written = (value: number | null | undefined, write: (value: number) => string): string =>
  value == null ? DASH : write(value);
