import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseRedisUrl } from './redis-url.ts';

const NOBODY = { username: null, password: null };

describe('parseRedisUrl', () => {
  test('reads one Redis, with what is left out at its default', () => {
    const plain = { kind: 'single', tls: false, db: 0, ...NOBODY } as const;
    expect(parseRedisUrl('redis://localhost')).toEqual({
      ...plain,
      host: { host: 'localhost', port: 6379 },
    });
    expect(parseRedisUrl('redis://10.0.0.7:6380/')).toEqual({
      ...plain,
      host: { host: '10.0.0.7', port: 6380 },
    });
    expect(parseRedisUrl('redis://redis_1.internal:7000/15')).toEqual({
      ...plain,
      host: { host: 'redis_1.internal', port: 7000 },
      db: 15,
    });
  });

  test('reads an IPv6 address out of its brackets', () => {
    expect(parseRedisUrl('redis://[::1]')).toMatchObject({ host: { host: '::1', port: 6379 } });
    expect(parseRedisUrl('redis-cluster://[fd00::7]:7000,[::ffff:10.0.0.1]')).toMatchObject({
      nodes: [
        { host: 'fd00::7', port: 7000 },
        { host: '::ffff:10.0.0.1', port: 6379 },
      ],
    });
  });

  test('reads user and password, either alone, and everything a password may hold', () => {
    expect(parseRedisUrl('redis://app:word@h')).toMatchObject({
      username: 'app',
      password: 'word',
    });
    expect(parseRedisUrl('redis://:word@h')).toMatchObject({ username: null, password: 'word' });
    expect(parseRedisUrl('redis://app@h')).toMatchObject({ username: 'app', password: '' });
    expect(parseRedisUrl('redis://:%40%2F%23%2C%3A%3F%25%20%C3%A9@h')).toMatchObject({
      password: '@/#,:?% é',
    });
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        (username, password) => {
          const auth = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
          for (const url of [`redis://${auth}@h/3`, `rediss-sentinel://${auth}@h,i/m`]) {
            expect(parseRedisUrl(url)).toMatchObject({ username, password });
          }
        },
      ),
    );
  });

  test('takes the scheme for whether TLS is spoken', () => {
    for (const form of ['://h', '-sentinel://h/m', '-cluster://h']) {
      expect(parseRedisUrl(`redis${form}`)).toMatchObject({ tls: false });
      expect(parseRedisUrl(`rediss${form}`)).toMatchObject({ tls: true });
    }
  });

  test('reads Sentinels, the name of their master, and a password of their own', () => {
    expect(
      parseRedisUrl(
        'redis-sentinel://app:word@a,b:5000,[::1]/my-master.1/2?sentinel_username=s&sentinel_password=p%26q%3D',
      ),
    ).toEqual({
      kind: 'sentinel',
      tls: false,
      username: 'app',
      password: 'word',
      sentinels: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 5000 },
        { host: '::1', port: 26_379 },
      ],
      masterName: 'my-master.1',
      db: 2,
      sentinelCredentials: { username: 's', password: 'p&q=' },
    });
    expect(parseRedisUrl('redis-sentinel://a/m')).toMatchObject({
      db: 0,
      sentinelCredentials: NOBODY,
    });
    expect(parseRedisUrl('redis-sentinel://a/m?sentinel_password=p')).toMatchObject({
      sentinelCredentials: { username: null, password: 'p' },
    });
  });

  test('reads the nodes of a Cluster, which has no databases', () => {
    expect(parseRedisUrl('redis-cluster://:word@a:7000,b:7001,c')).toEqual({
      kind: 'cluster',
      tls: false,
      username: null,
      password: 'word',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 7001 },
        { host: 'c', port: 6379 },
      ],
    });
    expect(parseRedisUrl('redis-cluster://a/1')).toBeNull();
  });

  const wrong = [
    '',
    'off',
    'localhost:6379',
    'http://localhost',
    'redis:/localhost',
    'redis://',
    'redis:///0',
    'redis://h:0',
    'redis://h:65536',
    'redis://h:port',
    'redis://h/first',
    'redis://h/-1',
    'redis://h/1.5',
    'redis://h/1/2',
    'redis://h?db=1',
    'redis://h#0',
    'redis://h h',
    'redis://a,b',
    'redis://::1',
    'redis://[::1',
    'redis://[1:2]',
    'redis://-h',
    'redis://@h',
    'redis://:@h',
    'redis://a:b:c@h',
    'redis://a:b@c@h',
    'redis://a:b/c@h',
    'redis://a:b#c@h',
    'redis://a:100%@h',
    'redis://a:%ff@h',
    'redis-sentinel://a',
    'redis-sentinel://a/',
    'redis-sentinel://a/m/x',
    'redis-sentinel://a/m/0/0',
    'redis-sentinel://a/m%2Fn',
    'redis-sentinel://a,/m',
    'redis-sentinel://a,,b/m',
    'redis-sentinel://a/m?password=p',
    'redis-sentinel://a/m?sentinel_username=s',
    'redis-sentinel://a/m?sentinel_password=',
    'redis-sentinel://a/m?sentinel_password=p&sentinel_password=q',
    'redis-cluster://',
    'redis-cluster://a,b:x',
    'redis-cluster://a?x=1',
    `redis-cluster://${'h,'.repeat(32)}h`,
    'redis-ring://a',
  ];
  for (const text of wrong) {
    test(`refuses ${text.length > 40 ? `${text.slice(0, 40)}…` : text || 'nothing'}`, () => {
      expect(parseRedisUrl(text)).toBeNull();
    });
  }

  test('answers any text at all', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const target = parseRedisUrl(`redis://${text}`);
        expect(target === null || target.kind === 'single').toBeTrue();
      }),
    );
  });
});
