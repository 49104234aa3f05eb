import { describe, expect, test } from 'bun:test';
import type { RefreshBody } from '../contract/http.ts';
import { toETag } from '../contract/position.ts';
import { at, documentAt } from './testing/documents.ts';
import { createLiveRig, createRig, mute, type Rig, unreachable } from './testing/rig.ts';

const body = (status: RefreshBody['status']): RefreshBody => ({
  status,
  message: 'said by the server',
  data: documentAt(200),
});
const throttled = (headers: Record<string, string>) => () =>
  Response.json(body('throttled'), { status: 429, headers });

const refreshed = (reply: Rig['answer']) => {
  const rig = createLiveRig();
  rig.answer = reply;
  return rig.client.refresh();
};

describe('refresh', () => {
  test('is ok after a fresh round; the figures come by the link', async () => {
    const rig = createLiveRig();
    rig.answer = () => Response.json(body('ok'));
    expect(await rig.client.refresh()).toEqual({ status: 'ok' });
    expect(rig.requests).toHaveLength(1);
    expect(rig.requests[0]).toMatchObject({
      url: 'https://market.example/api/crypto/dashboard-summary/refresh',
      method: 'POST',
      cache: 'no-store',
    });
    expect(rig.client.current().position).toEqual(at(5));
    expect(rig.client.current().document?.btc_price_usd).toBe(100);
  });

  test('is throttled with the seconds to wait', async () => {
    expect(await refreshed(throttled({ 'Retry-After': '12' }))).toEqual({
      status: 'throttled',
      retryAfterS: 12,
    });
  });

  test('has failed when a refusal names no time', async () => {
    for (const headers of [{}, { 'Retry-After': '' }, { 'Retry-After': 'later' }]) {
      expect(await refreshed(throttled(headers))).toEqual({ status: 'failed' });
    }
  });

  test('has failed when no source answered, when refused, and when the answer is not the server’s', async () => {
    const failures: Rig['answer'][] = [
      () => Response.json({ error: { code: 'upstreams_failed', message: '' } }, { status: 503 }),
      () => Response.json({ error: { code: 'forbidden', message: '' } }, { status: 403 }),
      () => Response.json(body('ok'), { status: 504 }),
      () => new Response('<html>'),
      () => Response.json(null),
      unreachable,
    ];
    for (const reply of failures) expect(await refreshed(reply)).toEqual({ status: 'failed' });
  });

  test('has failed after 15 s', async () => {
    const rig = createRig();
    rig.answer = mute;
    let result: unknown = null;
    void rig.client.refresh().then((value) => {
      result = value;
    });
    await rig.clock.advanceAsync(14_999);
    expect(result).toBeNull();
    await rig.clock.advanceAsync(1);
    expect(result).toEqual({ status: 'failed' });
  });

  test('polls at once while polling is what brings the figures', async () => {
    const rig = createRig();
    rig.answer = () => new Response(null, { status: 304 });
    await rig.fallBack();
    rig.answer = ({ method }) =>
      method === 'POST'
        ? Response.json(body('ok'))
        : Response.json(documentAt(200), { headers: { ETag: toETag(at(9)) } });
    expect(await rig.client.refresh()).toEqual({ status: 'ok' });
    await rig.clock.advanceAsync(0);
    expect(rig.client.current()).toMatchObject({ position: at(9), link: { state: 'polling' } });
    expect(rig.requests).toHaveLength(3);
    await rig.clock.advanceAsync(29_999);
    expect(rig.requests).toHaveLength(3);
    await rig.clock.advanceAsync(1);
    expect(rig.requests).toHaveLength(4);
  });
});
