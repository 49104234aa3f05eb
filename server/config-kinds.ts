/** What the variables of the environment must be: a parser of the text and the words for the error. */

import * as v from 'valibot';
import { parseRedisUrl } from './redis/redis-url.ts';

/** What one variable must be. */
export interface Kind<T> {
  readonly expectation: string;
  readonly schema: v.GenericSchema<string, T>;
}

/** A whole number between two bounds, both included. */
export const whole = (min: number, max: number): Kind<number> => ({
  expectation: `a whole number from ${min} to ${max}`,
  schema: v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/),
    v.transform(Number),
    v.minValue(min),
    v.maxValue(max),
  ),
});

/** One of a closed set of words. */
export const oneOf = <const T extends readonly string[]>(values: T): Kind<T[number]> => ({
  expectation: `one of ${values.join(', ')}`,
  schema: v.pipe(v.string(), v.picklist(values)),
});

const list = <T>(item: v.GenericSchema<string, T>, max: number) =>
  v.pipe(
    v.string(),
    v.transform((text) => text.split(',').map((part) => part.trim())),
    v.array(item),
    v.maxLength(max),
  );

/** Longest list a variable may hold: far more than anybody needs, few enough to look through at each handshake. */
const MAX_LIST = 100;

/** Any text of a sane length. */
export const TEXT: Kind<string> = {
  expectation: 'text of at most 4096 characters',
  schema: v.pipe(v.string(), v.maxLength(4096)),
};

/** An address or a name to listen on. */
export const HOST: Kind<string> = {
  expectation: 'an address or host name to listen on',
  schema: v.pipe(v.string(), v.regex(/^[A-Za-z0-9.:_-]{1,253}$/)),
};

/** `true` or `false`, also as `1` or `0`. */
export const BOOLEAN: Kind<boolean> = {
  expectation: 'true or false',
  schema: v.pipe(
    v.string(),
    v.picklist(['true', 'false', '1', '0']),
    v.transform((text) => text === 'true' || text === '1'),
  ),
};

/** A key: printable ASCII, so that it can stand in a header. */
export const KEY: Kind<string> = {
  expectation: 'a key of printable ASCII characters without spaces, at most 512',
  schema: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,512}$/)),
};

/** What is put behind the prefix of a server with simulated figures. */
export const SIMULATED_ENDING = '-simulated';

/**
 * First part of every key in Redis; braces are ours, for the hash tag. The ending is ours too: real and simulated figures
 * must not share a lease.
 */
export const REDIS_PREFIX: Kind<string> = {
  expectation: `letters, digits, ., _ and -, at most 64, without braces and not ending in ${SIMULATED_ENDING}`,
  schema: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9._-]{1,64}$/),
    v.check((text) => !text.endsWith(SIMULATED_ENDING)),
  ),
};

/** Longest `REDIS_URL`: room for the hosts of a large Cluster. */
const MAX_REDIS_URL = 4096;

/** Where Redis is, in one of the forms of `parseRedisUrl`, or `off`. */
export const REDIS_URL: Kind<string> = {
  expectation:
    'redis://[user:password@]host[:port][/db], redis-sentinel://host,…/master, redis-cluster://host,… or off ' +
    '(rediss… for TLS; special characters of a password percent-encoded)',
  schema: v.pipe(
    v.string(),
    v.maxLength(MAX_REDIS_URL),
    v.check((text) => text === 'off' || parseRedisUrl(text) !== null),
  ),
};

/** Number of hub threads, or `auto`. */
export const WORKERS: Kind<number | 'auto'> = {
  expectation: 'a whole number from 1 to 64, or auto',
  schema: v.pipe(
    v.string(),
    v.regex(/^(auto|[1-9]|[1-5]\d|6[0-4])$/),
    v.transform((text) => (text === 'auto' ? text : Number(text))),
  ),
};

/** Coin symbols, upper case, each once. */
export const COINS: Kind<string[]> = {
  expectation: 'a comma list of coin symbols such as BTC,ETH, at most 50, each once',
  schema: v.pipe(
    list(v.pipe(v.string(), v.toUpperCase(), v.regex(/^[A-Z0-9]{1,12}$/)), 50),
    v.check((symbols) => new Set(symbols).size === symbols.length),
  ),
};

/** Exact origins of other sites. */
export const ORIGINS: Kind<string[]> = {
  expectation: 'a comma list of origins such as https://example.org, without a path',
  schema: list(
    v.pipe(
      v.string(),
      v.check((text) => isOrigin(text, ['http:', 'https:'])),
      v.transform((text) => new URL(text).origin),
    ),
    MAX_LIST,
  ),
};

/** Addresses whose forwarded headers are believed. */
export const PROXIES: Kind<string[]> = {
  expectation: 'a comma list of IP addresses or CIDR ranges such as 10.0.0.0/8',
  schema: list(v.pipe(v.string(), v.check(isAddressOrRange)), MAX_LIST),
};

const origin = (protocols: readonly string[]): Kind<string> => ({
  expectation: `an origin without a path (${protocols.join('// or ')}//host), or off`,
  schema: v.pipe(
    v.string(),
    v.check((text) => text === 'off' || isOrigin(text, protocols)),
    // `new URL('ws://…').origin` is not defined the same everywhere; protocol and host are.
    v.transform((text) => (text === 'off' ? text : originOf(new URL(text)))),
  ),
});

/** Where an HTTP upstream is: scheme, host and port, or `off`. */
export const HTTP_ORIGIN = origin(['http:', 'https:']);
/** Where a stream is: scheme, host and port, or `off`. */
export const WS_ORIGIN = origin(['ws:', 'wss:']);

const originOf = (url: URL): string => `${url.protocol}//${url.host}`;

function isOrigin(text: string, protocols: readonly string[]): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !protocols.includes(url.protocol) || url.host === '') return false;
  return (
    url.username === '' && url.password === '' && /^\/?$/.test(url.pathname) && !/[?#]/.test(text)
  );
}

/** Exactly as it is compared: a zone names no address that others could see, and `/08` may be meant as octal. */
function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  if (rest.length > 0 || address.includes('%')) return false;
  const isV4 = v.is(v.pipe(v.string(), v.ipv4()), address);
  if (!isV4 && !v.is(v.pipe(v.string(), v.ipv6()), address)) return false;
  return (
    bits === undefined || (/^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (isV4 ? 32 : 128))
  );
}
