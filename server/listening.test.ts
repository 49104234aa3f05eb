import { expect, test } from 'bun:test';
import { canResolve, localAddress, whyNotListening } from './listening.ts';

const failed = (code: string) => Object.assign(new Error('no'), { code });

test('a server that cannot listen says which variable to change', () => {
  expect(whyNotListening(failed('EADDRINUSE'), 8000)).toContain('Port 8000 is in use');
  expect(whyNotListening(failed('EACCES'), 80)).toStartWith('PORT ');
  expect(whyNotListening(failed('EADDRNOTAVAIL'), 80)).toStartWith('HOST ');
  expect(whyNotListening(new TypeError('a mistake'), 80)).toBeNull();
});

test('a host that is none is not resolved', async () => {
  expect(await canResolve('127.0.0.1')).toBe(true);
  expect(await canResolve('::1')).toBe(true);
  expect(await canResolve('no.such.host.invalid')).toBe(false);
  expect(await canResolve('256.1.1.1')).toBe(false);
});

test('the address to open is one that a browser takes', () => {
  expect(localAddress('0.0.0.0', 8000)).toBe('http://localhost:8000');
  expect(localAddress('::', 8000)).toBe('http://localhost:8000');
  expect(localAddress('::1', 8000)).toBe('http://[::1]:8000');
  expect(localAddress('192.168.1.5', 80)).toBe('http://192.168.1.5:80');
});
