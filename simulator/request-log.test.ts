import { expect, test } from 'bun:test';
import { createRequestLog, MAX_LOGGED } from './request-log.ts';

const request = (path: string) => ({
  method: 'GET',
  path,
  query: {},
  user_agent: 'test/1.0',
  at: '2026-11-23T07:00:00.000Z',
});

test('keeps the newest requests and counts all of them by route and by upstream', () => {
  const log = createRequestLog();
  for (let i = 0; i < MAX_LOGGED + 5; i++)
    log.add({ route: '/a', upstream: 'kraken' }, request(`/a${i}`));
  log.add(null, request('/nowhere'));
  const { total, counts, upstreams, requests } = log.view();
  expect(total).toBe(MAX_LOGGED + 6);
  expect(counts).toEqual({ '/a': MAX_LOGGED + 5, unknown: 1 });
  expect(upstreams).toEqual({ kraken: MAX_LOGGED + 5 });
  expect(requests).toHaveLength(MAX_LOGGED);
  expect(requests[0]?.path).toBe('/a6');
  expect(requests.at(-1)?.path).toBe('/nowhere');
});

test('is empty after it was emptied', () => {
  const log = createRequestLog();
  log.add({ route: '/a', upstream: 'kraken' }, request('/a'));
  log.clear();
  expect(log.view()).toEqual({ total: 0, counts: {}, upstreams: {}, requests: [] });
});
