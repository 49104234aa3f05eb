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

/** Counts sockets from the handshake to the close. Its memory is bounded by `maxConnections`. */
export interface AdmissionDesk {
  /** Counts a socket in, or says how it is refused. */
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
      const held = perIp.get(ip) ?? 0;
      if (held >= limits.maxConnectionsPerIp) return refuse(429, PER_IP_RETRY_AFTER_S);
      perIp.set(ip, held + 1);
      total++;
      return { admitted: true };
    },
    release(ip) {
      const held = perIp.get(ip);
      if (held === undefined) return;
      if (held === 1) perIp.delete(ip);
      else perIp.set(ip, held - 1);
      total--;
    },
    refused: () => refused,
    close() {
      isClosed = true;
    },
  };
}
