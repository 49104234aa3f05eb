/** Why a server cannot listen where it was told to, in one line that names the variable. */

import { lookup } from 'node:dns/promises';

/** What is wrong with where the server should listen; `null` when the error is of another kind. */
export function whyNotListening(error: unknown, port: number): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use: set PORT to another.`;
    case 'EACCES':
    case 'EPERM':
      return 'PORT may not be opened by this user: choose one above 1023.';
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return 'HOST must be an address of this machine.';
    default:
      return null;
  }
}

/** Whether a host name or address can be resolved; the runtime would report a wrong one as a taken port. */
export async function canResolve(host: string): Promise<boolean> {
  try {
    await lookup(host);
    return true;
  } catch {
    return false;
  }
}

/** The address to open in a browser on this machine. */
export function localAddress(host: string, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::';
  const shown = isAny ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${shown}:${port}`;
}
