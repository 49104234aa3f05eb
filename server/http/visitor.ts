/** Who sends a request: by the connection, or by what a trusted proxy says. */

import { BlockList, isIP } from 'node:net';
import { plainIp } from './visitor-address.ts';

/** Who asks, and by which address of ours. */
export interface Visitor {
  /** In one spelling, see {@link plainIp}. */
  readonly ip: string;
  /** The request comes from this very machine, without a proxy between. */
  readonly isLoopback: boolean;
  /** The origin under which the visitor reaches this server; `null` when the request names none. */
  readonly ownOrigin: string | null;
}

/** Where the warning goes. */
export interface VisitorLog {
  warn(fields: object, message: string): void;
}

/** Proxies in a row that are looked through; a longer chain is not one of ours. */
const MAX_HOPS = 32;
/** Headers that only a trusted proxy may set. */
const FORWARDED_HEADERS = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'] as const;
/** The server itself speaks plain HTTP; TLS ends at a proxy. */
const OWN_SCHEME = 'http';

/**
 * Makes the function that recognises visitors.
 * @param trustedProxies IP addresses and CIDR ranges whose `X-Forwarded-*` are believed
 * @throws when one of them is neither
 */
export function createVisitorDesk(
  trustedProxies: readonly string[],
  log: VisitorLog,
): (request: Request, peer: string) => Visitor {
  const trusted = networks(trustedProxies);
  let hasWarned = false;

  const isTrusted = (ip: string) => trusted.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4');
  const warnOnce = () => {
    if (hasWarned) return;
    hasWarned = true;
    log.warn(
      {},
      'ignoring X-Forwarded-* headers: the sender is not in TRUSTED_PROXIES; set it if that is your proxy',
    );
  };

  return (request, peer) => {
    const peerIp = plainIp(peer) ?? peer;
    const { headers } = request;
    const isForwarded = FORWARDED_HEADERS.some((name) => headers.has(name));
    const isBelieved = isForwarded && isTrusted(peerIp);
    if (isForwarded && !isBelieved) warnOnce();
    const forwarded = (name: (typeof FORWARDED_HEADERS)[number]) =>
      isBelieved ? headers.get(name) : null;
    const scheme = firstOf(forwarded('x-forwarded-proto')) ?? OWN_SCHEME;
    const host = firstOf(forwarded('x-forwarded-host')) ?? headers.get('host');
    const ip = clientOf(peerIp, forwarded('x-forwarded-for'), isTrusted);
    return {
      ip,
      isLoopback: isLoopback(ip) && !(isForwarded && !isBelieved),
      get ownOrigin() {
        return host === null ? null : originOf(`${scheme}://${host}`);
      },
    };
  };
}

/** From the right, the first address that is not a trusted proxy's: whatever stands left of it, anybody can have written. */
function clientOf(
  peer: string,
  forwardedFor: string | null,
  isTrusted: (ip: string) => boolean,
): string {
  if (forwardedFor === null) return peer;
  let client = peer;
  for (const hop of forwardedFor.split(',').slice(-MAX_HOPS).reverse()) {
    const ip = plainIp(hop.trim());
    if (ip === null) return client;
    client = ip;
    if (!isTrusted(ip)) return client;
  }
  return client;
}

function networks(list: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const text of list) {
    const [address = '', prefix] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) throw new Error('a trusted proxy must be an IP address or a range');
    if (prefix === undefined) blocks.addAddress(address, family);
    else blocks.addSubnet(address, Number(prefix), family);
  }
  return blocks;
}

const isLoopback = (ip: string): boolean => ip === '::1' || ip.startsWith('127.');

/** The value nearest to the visitor, where several proxies have added theirs. */
const firstOf = (list: string | null): string | null => list?.split(',')[0]?.trim() || null;

const originOf = (url: string): string | null =>
  URL.canParse(url) ? new URL(url).origin.toLowerCase() : null;
