import { describe, expect, test } from 'bun:test';
import { createVisitorDesk } from './visitor.ts';

function desk(trustedProxies: readonly string[]) {
  const warnings: string[] = [];
  const visitorOf = createVisitorDesk(trustedProxies, {
    warn: (_fields, message) => void warnings.push(message),
  });
  const visit = (peer: string, headers: Record<string, string> = {}) =>
    visitorOf(
      new Request('http://x/', { headers: { host: 'dash.example:8000', ...headers } }),
      peer,
    );
  return { visit, warnings };
}

describe('the address of a visitor', () => {
  test('is the connection when no proxy is trusted, and forwarded headers are warned of once', () => {
    const { visit, warnings } = desk([]);
    const forged = { 'x-forwarded-for': '1.1.1.1', 'x-forwarded-host': 'evil.example' };
    expect(visit('203.0.113.9', forged)).toMatchObject({
      ip: '203.0.113.9',
      ownOrigin: 'http://dash.example:8000',
    });
    visit('203.0.113.9', { 'x-forwarded-proto': 'https' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('TRUSTED_PROXIES');
  });

  test.each([
    ['one proxy', '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['a chain of trusted proxies', '10.1.2.3', '198.51.100.7, 10.0.0.1', '198.51.100.7'],
    ['what the visitor wrote is left of it', '10.1.2.3', '6.6.6.6, 198.51.100.7', '198.51.100.7'],
    ['trusted proxies alone', '10.1.2.3', '10.0.0.2, 10.0.0.1', '10.0.0.2'],
    ['IPv6 proxy and visitor', 'fd00::1', '2001:DB8::5', '2001:db8::5'],
    ['IPv4 written as IPv6', '::ffff:10.1.2.3', '::ffff:198.51.100.7', '198.51.100.7'],
    ['a port', '10.1.2.3', '198.51.100.7:4711', '198.51.100.7'],
    ['brackets and a port', '10.1.2.3', '[2001:db8::5]:4711', '2001:db8::5'],
    ['nonsense', '10.1.2.3', 'unknown', '10.1.2.3'],
    ['nonsense beyond a trusted one', '10.1.2.3', 'x, 10.0.0.9', '10.0.0.9'],
    ['an empty list', '10.1.2.3', '', '10.1.2.3'],
    ['a sender outside the ranges', '11.1.2.3', '198.51.100.7', '11.1.2.3'],
  ])('behind trusted proxies, %s', (_what, peer, forwardedFor, expected) => {
    const { visit } = desk(['10.0.0.0/8', 'fd00::/8']);
    expect(visit(peer, { 'x-forwarded-for': forwardedFor }).ip).toBe(expected);
  });

  test.each([
    ['2001:db8::1', '2001:db8::1'],
    ['2001:db8:0:0::1', '2001:db8::1'],
    ['2001:0DB8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:0db8::0001]:4711', '2001:db8::1'],
    ['fe80::0001%eth0', 'fe80::1'],
    ['9.9.9.9', '9.9.9.9'],
    ['::ffff:9.9.9.9', '9.9.9.9'],
    ['::FFFF:909:909', '9.9.9.9'],
    ['0:0:0:0:0:ffff:0909:0909', '9.9.9.9'],
    ['::ffff:0:909:909', '::ffff:0:909:909'],
  ])('is one, however it is spelled: %s', (spelled, ip) => {
    expect(desk(['10.0.0.1']).visit('10.0.0.1', { 'x-forwarded-for': spelled }).ip).toBe(ip);
    expect(desk([]).visit(spelled).ip).toBe(ip);
  });

  test('a chain longer than any real one ends somewhere', () => {
    const chain = Array.from({ length: 10_000 }, () => '10.0.0.1').join(',');
    expect(desk(['10.0.0.0/8']).visit('10.0.0.1', { 'x-forwarded-for': chain }).ip).toBe(
      '10.0.0.1',
    );
  });

  test('a single address is trusted by itself', () => {
    const { visit, warnings } = desk(['192.0.2.1']);
    expect(visit('192.0.2.1', { 'x-forwarded-for': '198.51.100.7' }).ip).toBe('198.51.100.7');
    expect(visit('192.0.2.2', { 'x-forwarded-for': '198.51.100.7' }).ip).toBe('192.0.2.2');
    expect(warnings).toHaveLength(1);
  });

  test('what is no address is not taken for a proxy', () => {
    expect(() => desk(['proxy.example'])).toThrow('IP address');
    expect(() => desk(['10.0.0.0/99'])).toThrow();
  });
});

describe('the origin a visitor sees', () => {
  const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'Dash.Example:443' };
  test('is what a trusted proxy says, without the port that goes without saying', () => {
    expect(desk(['10.0.0.1']).visit('10.0.0.1', https).ownOrigin).toBe('https://dash.example');
  });

  test('is the Host header otherwise', () => {
    expect(desk(['10.0.0.1']).visit('10.0.0.2', https).ownOrigin).toBe('http://dash.example:8000');
  });

  test('is not known when the host is none', () => {
    expect(desk([]).visit('10.0.0.2', { host: 'a b, c' }).ownOrigin).toBeNull();
  });
});

describe('a visitor on this machine', () => {
  test('is one, with either kind of address', () => {
    const { visit } = desk([]);
    expect(visit('127.0.0.1').isLoopback).toBe(true);
    expect(visit('::1').isLoopback).toBe(true);
    expect(visit('::ffff:127.0.0.1').isLoopback).toBe(true);
    expect(visit('198.51.100.7').isLoopback).toBe(false);
  });

  test('is none when a proxy on this machine speaks for somebody', () => {
    const somebody = { 'x-forwarded-for': '198.51.100.7' };
    expect(desk(['127.0.0.1']).visit('127.0.0.1', somebody).isLoopback).toBe(false);
    expect(desk([]).visit('127.0.0.1', somebody).isLoopback).toBe(false);
  });
});
