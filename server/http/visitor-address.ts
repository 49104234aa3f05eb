/** One address, one spelling: whoever counts visitors counts each of them once. */

import { isIP } from 'node:net';

const WITH_PORT = /^(?:\[([^\]]*)\](?::\d+)?|(\d[\d.]*):\d+)$/;
/** An IPv4 address as IPv6, in canonical spelling: its last two groups are the address. */
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/**
 * An address without port, brackets and zone; IPv4 never as IPv6, and IPv6 in lower case with its zeros left out
 * (RFC 5952). `null` for anything that is no address.
 */
export function plainIp(text: string): string | null {
  const port = WITH_PORT.exec(text);
  const ip = (port?.[1] ?? port?.[2] ?? text).replace(/%.*$/, '');
  const family = isIP(ip);
  if (family === 0) return null;
  return family === 4 ? ip : plainIpv6(ip);
}

/** The platform's own reader of addresses knows the canonical spelling. */
function plainIpv6(ip: string): string | null {
  const url = `http://[${ip}]`;
  if (!URL.canParse(url)) return null;
  const canonical = new URL(url).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  return [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}
