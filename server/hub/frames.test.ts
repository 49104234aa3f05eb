import { describe, expect, test } from 'bun:test';
import { createTestBroker, marketRead } from '../broker/test-broker.ts';
import { createWholeFrames, helloFrame, patchFrame } from './frames.ts';

const AS_OF = '2026-11-23T07:00:00Z';

describe('frames', () => {
  test('a whole document is the bytes of the leader with its position', () => {
    const version = createTestBroker().change(marketRead(2_621_040_321_355.0405, AS_OF));
    const frame = createWholeFrames()({ ...version, json: '{ "spaced" : 1 }' });
    expect(frame).toBe(
      `{"type":"dashboard_update","epoch":${version.epoch},"seq":1,"data":{ "spaced" : 1 }}`,
    );
  });

  test('a version is encoded once and a newer one anew', () => {
    const broker = createTestBroker();
    const wholeFrame = createWholeFrames();
    const first = broker.change(marketRead(1, AS_OF));
    expect(JSON.parse(wholeFrame(first))).toMatchObject({ seq: 1, data: { market_cap: 1 } });
    const second = broker.change(marketRead(2, AS_OF));
    expect(JSON.parse(wholeFrame(second))).toMatchObject({ seq: 2, data: { market_cap: 2 } });
  });

  test('a patch is sent only where it applies', () => {
    const broker = createTestBroker();
    broker.change({ market_cap: 4 });
    const version = broker.change({ market_cap: 5 });
    expect(JSON.parse(patchFrame(version, true) ?? '')).toEqual({
      type: 'dashboard_patch',
      epoch: version.epoch,
      seq: 2,
      patch: { market_cap: 5 },
    });
    expect(patchFrame(version, false)).toBeNull();
    expect(patchFrame({ ...version, whole: true }, true)).toBeNull();
    expect(patchFrame({ ...version, patch: null }, true)).toBeNull();
  });

  test('hello says the time, the version, the poll interval and the condition', () => {
    const nowMs = Date.UTC(2026, 10, 23, 7, 0, 0, 123);
    const frame = helloFrame({ appVersion: '1.2.3', pollIntervalS: 30 }, nowMs, ['solo']);
    expect(JSON.parse(frame)).toEqual({
      type: 'hello',
      server_time: '2026-11-23T07:00:00.123Z',
      app_version: '1.2.3',
      poll_interval_s: 30,
      degraded: ['solo'],
    });
  });
});
