/** Keeps what is live of the document that this node holds: each figure in the interval of its own `as_of`. */

import {
  type Clock,
  coinSeries,
  type DashboardDocument,
  EARLIEST_MS,
  effectiveState,
  type FreshnessEntry,
  isAccepted,
  MAX_AHEAD_MS,
  type SourceId,
  type Timer,
} from '../../contract/index.ts';
import type { Broker } from '../broker/broker.ts';
import { compareSamples, type Keeps, type SampleRow } from '../store/history-rows.ts';
import { ruleOf } from './series.ts';
import { bucketOf, rowsInTiers } from './tiers.ts';
import type { WatchedRows } from './watched-rows.ts';

/** Samples wait so long for each other, ms: one transaction then holds them all. What a crash may lose. */
const FLUSH_EVERY_MS = 5000;
/** So many wait at most: of fifty coins several minutes each, though they are written every few seconds. */
const MAX_WAITING = 1000;
/** So many series are followed at most: twice the coins that can be configured. What is beyond is no document of ours. */
const MAX_SERIES = 100;

/** What a sampler is made of. */
export interface SamplerDeps {
  readonly clock: Clock;
  readonly broker: Pick<Broker, 'held' | 'subscribe'>;
  readonly rows: WatchedRows;
}

/** Samples every version from its making to its closing. */
export interface Sampler {
  /** Writes what waits. */
  flush(): void;
  /** Whether the rows that are being kept right now are the sampler's own. */
  isWriting(): boolean;
  /** Writes what waits, and listens no more. */
  close(): void;
}

/** A figure as the document has it, without what does not change the sample. */
interface Taken {
  readonly value: number;
  readonly source: SourceId;
  readonly asOf: string;
}

type Sample = Pick<SampleRow, 'series' | 'value' | 'source' | 'asOfS'>;

/** @see Sampler */
export function createSampler({ clock, broker, rows }: SamplerDeps): Sampler {
  /** The last sample of each series: most versions change one of them. */
  const taken = new Map<string, Taken>();
  const waiting: Record<Keeps, Map<string, Sample>> = { first: new Map(), last: new Map() };
  let timer: Timer | null = null;
  let isWriting = false;

  const write = (keeps: Keeps) => {
    const sent = [...waiting[keeps].values()].flatMap((sample) =>
      rowsInTiers(sample, sample.asOfS, ruleOf(sample.series)?.finestS ?? 0),
    );
    waiting[keeps].clear();
    if (sent.length > 0) rows.keepSamples(sent, keeps);
  };
  const flush = () => {
    timer?.cancel();
    timer = null;
    isWriting = true;
    try {
      write('first');
      write('last');
    } finally {
      isWriting = false;
    }
  };
  const take = (series: string, value: number | null, entry: FreshnessEntry, nowMs: number) => {
    const { source, as_of: asOf } = entry;
    if (value === null || source === null || asOf === null) return;
    const before = taken.get(series);
    if (before?.value === value && before.asOf === asOf && before.source === source) return;
    const rule = ruleOf(series);
    if (rule === null || !isAccepted(rule.kind, value) || !isLiveNow(entry, asOf, nowMs)) return;
    if (before === undefined && taken.size >= MAX_SERIES) return;
    taken.set(series, { value, source, asOf });
    const sample = { series, value, source, asOfS: Math.floor(Date.parse(asOf) / 1000) };
    const key = `${series} ${bucketOf(sample.asOfS, rule.finestS)}`;
    const other = waiting[rule.keeps].get(key);
    if (other !== undefined && compareSamples(sample, other, rule.keeps) <= 0) return;
    waiting[rule.keeps].set(key, sample);
    if (waiting[rule.keeps].size >= MAX_WAITING) flush();
    else timer ??= clock.after(FLUSH_EVERY_MS, flush);
  };
  const observe = (document: DashboardDocument) => {
    const nowMs = clock.now();
    eachFigure(document, (series, value, entry) => take(series, value, entry, nowMs));
  };

  const leave = broker.subscribe((event) => {
    if (event.type === 'version') observe(event.version.document);
  });
  observe(broker.held().document);
  return {
    flush,
    isWriting: () => isWriting,
    close() {
      leave();
      flush();
    },
  };
}

/** Everything that a document has of the series that are kept. */
function eachFigure(
  document: DashboardDocument,
  take: (series: string, value: number | null, entry: FreshnessEntry) => void,
): void {
  for (const symbol in document.coins) {
    const coin = document.coins[symbol];
    if (coin !== undefined) take(coinSeries(symbol), coin.price_usd, coin);
  }
  const { market, fng } = document.freshness;
  take('market_cap', document.market_cap, market);
  take('volume_24h', document.volume_24h, market);
  take('btc_dominance', document.btc_dominance, market);
  take('fng', document.fng_value, fng);
}

/** Live by the document's word and by this node's own clock, and of a time that can be. */
function isLiveNow(entry: FreshnessEntry, asOf: string, nowMs: number): boolean {
  const asOfMs = Date.parse(asOf);
  const isPossible = asOfMs >= EARLIEST_MS && asOfMs <= nowMs + MAX_AHEAD_MS;
  return isPossible && effectiveState(entry, nowMs) === 'live';
}
