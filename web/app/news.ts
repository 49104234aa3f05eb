/** What deserves a notice: the changes that matter, told apart from those that do not. Pure, but for what is remembered between two looks. */

import type { Degraded, SourceId } from '../../contract/index.ts';
import type { Link } from '../live/index.ts';

/** The figures whose change of source is told; `coins` are all but Bitcoin. */
export type NamedFigure = 'btc' | 'market' | 'fng' | 'rsi' | 'coins' | `coin:${string}`;

/** One message. Times in ms since 1970, durations in ms. */
export type News =
  | { readonly kind: 'lost' }
  | { readonly kind: 'polling'; readonly intervalS: number }
  | { readonly kind: 'offline'; readonly atMs: number | null }
  | { readonly kind: 'restored'; readonly afterMs: number }
  | { readonly kind: 'source_failed'; readonly source: SourceId; readonly atMs: number }
  | { readonly kind: 'source_back'; readonly source: SourceId }
  | {
      readonly kind: 'source_switched';
      /** All that went to this source together; at least one. */
      readonly figures: readonly NamedFigure[];
      readonly source: SourceId;
    }
  | { readonly kind: 'refreshed' }
  | { readonly kind: 'throttled'; readonly retryAfterS: number }
  | { readonly kind: 'refresh_failed' }
  | { readonly kind: 'new_version' }
  | { readonly kind: 'cluster' };

/** What a notice is about; a newer one about the same takes the older one's place. */
export function slotOf(news: News): string {
  switch (news.kind) {
    case 'lost':
    case 'polling':
    case 'offline':
    case 'restored':
      return 'link';
    case 'source_failed':
    case 'source_back':
      return `source:${news.source}`;
    case 'source_switched':
      return `figure:${news.figures[0]}`;
    case 'refreshed':
    case 'throttled':
    case 'refresh_failed':
      return 'refresh';
    default:
      return news.kind;
  }
}

/** Whether it holds until something else is said; the others have been read after a while. */
export const isLasting = ({ kind }: News): boolean =>
  ['lost', 'polling', 'offline', 'source_failed', 'new_version', 'cluster'].includes(kind);

/** What else is known when the connection changes. */
export interface LinkMoment {
  readonly monotonicMs: number;
  /** Newest time of the figures, ms since 1970. */
  readonly lastUpdatedMs: number | null;
  /** Whether the device itself has no network; otherwise it is the server that does not answer. */
  readonly isDeviceOffline: boolean;
}

/** Looks at the connection: is given each of its states and answers what to say. */
export function createLinkWatch(): (link: Link, at: LinkMoment) => News | null {
  let before: Link['state'] = 'connecting';
  let lostAtMs: number | null = null;
  let said: News['kind'] | null = null;
  return (link, at) => {
    const was = before;
    before = link.state;
    // What never was live was not lost: the head of the page says that it is connecting.
    const isNeverHeard = was === 'connecting' && link.state === 'reconnecting';
    if (link.state === was || isNeverHeard) return null;
    if (link.state === 'live') {
      const afterMs = lostAtMs === null ? null : at.monotonicMs - lostAtMs;
      lostAtMs = null;
      said = null;
      return afterMs === null ? null : { kind: 'restored', afterMs };
    }
    lostAtMs ??= at.monotonicMs;
    const news = troubleOf(link, at);
    // A server that stays silent is lost only once, through however many states.
    if (news.kind === said) return null;
    said = news.kind;
    return news;
  };
}

function troubleOf(link: Link, { lastUpdatedMs, isDeviceOffline }: LinkMoment): News {
  if (link.state === 'polling') return { kind: 'polling', intervalS: link.intervalS };
  return link.state === 'offline' && isDeviceOffline
    ? { kind: 'offline', atMs: lastUpdatedMs }
    : { kind: 'lost' };
}

/** Whether the server has lost its cluster. */
export const isCutOff = (degraded: readonly Degraded[]): boolean =>
  degraded.includes('redis_away') || degraded.includes('solo');
