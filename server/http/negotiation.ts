/** What a client accepts: encodings, languages, and whether it has the answer already. */

import type { Preferences } from '../../web/app/page.ts';

/** A language of the page. */
type Language = Preferences['language'];

/** Encodings that answers come in. */
export type Encoding = 'br' | 'gzip' | 'identity';

/** Entries of a list that are read; real clients send a handful. */
const MAX_ENTRIES = 32;
/** For a visitor who names neither language. */
const DEFAULT_LANGUAGE: Language = 'en';

/**
 * The encoding to answer in: the one the client likes best, and of those it likes equally the first offered.
 * @param offered in the server's order of preference, without `identity`
 */
export function pickEncoding(
  header: string | null,
  offered: readonly Exclude<Encoding, 'identity'>[],
): Encoding {
  const accepted = readQualities(header);
  let best: Encoding = 'identity';
  let bestQuality = accepted.get('identity') ?? 0;
  for (const encoding of offered) {
    const quality = accepted.get(encoding) ?? accepted.get('*') ?? 0;
    const isBetter = best === 'identity' ? quality >= bestQuality : quality > bestQuality;
    if (quality > 0 && isBetter) {
      best = encoding;
      bestQuality = quality;
    }
  }
  return best;
}

/** The language of a first visit, by `Accept-Language` with its quality values. */
export function pickLanguage(header: string | null): Language {
  let best: Language = DEFAULT_LANGUAGE;
  let bestQuality = 0;
  for (const [range, quality] of readQualities(header)) {
    const language = range.split('-')[0];
    if ((language === 'vi' || language === 'en') && quality > bestQuality) {
      best = language;
      bestQuality = quality;
    }
  }
  return best;
}

/** Whether an `If-None-Match` names the entity tag; compared weakly, as RFC 9110 wants it for this header. */
export function matchesETag(header: string | null, etag: string): boolean {
  if (header === null) return false;
  if (header.trim() === '*') return true;
  const opaque = opaqueTag(etag);
  return header.split(',').some((tag) => opaqueTag(tag.trim()) === opaque);
}

const opaqueTag = (tag: string): string => (tag.startsWith('W/') ? tag.slice(2) : tag);

/** `a, b;q=0.5` as names (lower case) with their qualities in order; what is malformed counts as refused. */
function readQualities(header: string | null): Map<string, number> {
  const qualities = new Map<string, number>();
  for (const entry of (header ?? '').split(',', MAX_ENTRIES)) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = q === undefined ? 1 : Number(q.slice(2));
    if (name !== '') qualities.set(name, quality >= 0 && quality <= 1 ? quality : 0);
  }
  return qualities;
}
