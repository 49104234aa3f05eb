/** Says in the log whose figures are shown, whenever that changes, and which exchange is set aside. */

import { BASE_COIN, type DashboardDocument, type SourceId } from '../contract/index.ts';
import type { Log } from './log.ts';

/** Told of every version. */
export interface SourceLog {
  shown(document: DashboardDocument): void;
}

/** One for a term: its first version is where changes begin. */
export function createSourceLog(log: Pick<Log, 'info' | 'warn'>): SourceLog {
  const sources = new Map<string, SourceId | null>();
  let aside: ReadonlySet<string> | null = null;

  const note = (figure: string, source: SourceId | null) => {
    const before = sources.get(figure) ?? null;
    sources.set(figure, source);
    if (before !== null && source !== before) {
      log.info({ figure, source, before }, 'a figure comes from another source');
    }
  };
  return {
    shown({ coins, freshness, sources: entries }) {
      note('prices', coins[BASE_COIN]?.source ?? null);
      note('market', freshness.market.source);
      note('rsi_14', freshness.rsi_14.source);
      const now = new Set<string>();
      for (const [source, { deviation_percent: deviationPct }] of Object.entries(entries)) {
        if (deviationPct === null) continue;
        now.add(source);
        if (aside !== null && !aside.has(source)) {
          log.warn({ source, deviationPct }, 'an exchange is set aside: its price is off');
        }
      }
      for (const source of aside ?? []) {
        if (!now.has(source)) log.info({ source }, 'an exchange is not set aside any more');
      }
      aside = now;
    },
  };
}
