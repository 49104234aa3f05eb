/** How many sockets there may be, in all and from one address. */

import type { Admission } from './hub.ts';

/** Limits on sockets. */
export interface AdmissionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
}

/** A full node is helped by clients that go elsewhere or wait; sockets come and go all the time. */
export const FULL_RETRY_AFTER_S = 10;
/** An address at its limit has to close sockets of its own first. */
export const PER_IP_RETRY_AFTER_S = 30;

/**
 * Counts sockets from the handshake to the close. Its memory is bounded by `maxConnections`. An IPv4 address counts by
 * itself, an IPv6 address with all of its /64: that is what one line or one rented machine is given, so that whoever
 * holds one of its addresses holds all of them.
 */
export interface AdmissionDesk {
  /**
   * Counts a socket in, or says how it is refused.
   * @param ip in the one spelling of its address: IPv6 as in RFC 5952, IPv4 never as IPv6
   */
  admit(ip: string): Admission;
  /** Counts out a socket that was admitted. */
  release(ip: string): void;
  /** How many handshakes were refused so far. */
  refused(): number;
  /** Refuses everybody from now on. */
  close(): void;
}

/** @see AdmissionDesk */
export function createAdmissionDesk(limits: AdmissionLimits): AdmissionDesk {
  const perIp = new Map<string, number>();
  let total = 0;
  let refused = 0;
  let isClosed = false;

  const refuse = (status: 429 | 503, retryAfterS: number): Admission => {
    refused++;
    return { admitted: false, status, retryAfterS };
  };

  return {
    admit(ip) {
      if (isClosed || total >= limits.maxConnections) return refuse(503, FULL_RETRY_AFTER_S);
      const block = blockOf(ip);
      const held = perIp.get(block) ?? 0;
      if (held >= limits.maxConnectionsPerIp) return refuse(429, PER_IP_RETRY_AFTER_S);
      perIp.set(block, held + 1);
      total++;
      return { admitted: true };
    },
    release(ip) {
      const block = blockOf(ip);
      const held = perIp.get(block);
      if (held === undefined) return;
      if (held === 1) perIp.delete(block);
      else perIp.set(block, held - 1);
      total--;
    },
    refused: () => refused,
    close() {
      isClosed = true;
    },
  };
}

const GROUPS = 8;
/** Groups of 16 bits that make up a /64. */
const BLOCK_GROUPS = 4;

/** What an address is counted as: IPv4 itself, IPv6 its /64. */
function blockOf(ip: string): string {
  if (!ip.includes(':')) return ip;
  const [front = [], back = []] = ip.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: GROUPS - front.length - back.length }, () => '0');
  return [...front, ...zeros, ...back].slice(0, BLOCK_GROUPS).join(':');
}
