import { describe, expect, test } from 'bun:test';
import { CLOSE } from '../../contract/index.ts';
import {
  BURST_MESSAGES,
  judgeControlFrame,
  judgeMessage,
  MAX_UNKNOWN_MESSAGES,
  newInboundState,
} from './inbound.ts';

describe('inbound messages', () => {
  test('ping and sync are known, whatever is near them is not', () => {
    const state = newInboundState(0);
    expect(judgeMessage(state, 'ping', 0).kind).toBe('ping');
    expect(judgeMessage(state, 'sync', 0).kind).toBe('sync');
    for (const unknown of ['PING', 'ping ', '', '{"type":"ping"}']) {
      expect(judgeMessage(state, unknown, 0).kind).toBe('nothing');
    }
    expect(state.unknownMessages).toBe(4);
  });

  test('binary is refused with 1003', () => {
    const verdict = judgeMessage(newInboundState(0), Buffer.from('ping'), 0);
    expect(verdict).toMatchObject({ kind: 'close', code: CLOSE.unsupportedData });
  });

  test('a burst of ten is taken, the eleventh is refused with 1008', () => {
    const state = newInboundState(0);
    for (let i = 0; i < BURST_MESSAGES; i++)
      expect(judgeMessage(state, 'ping', 5).kind).toBe('ping');
    expect(judgeMessage(state, 'ping', 5)).toMatchObject({
      kind: 'close',
      code: CLOSE.policyViolation,
    });
  });

  test('two messages a second are taken for ever, and the allowance never grows beyond the burst', () => {
    const state = newInboundState(0);
    for (let i = 1; i <= 1_000; i++) expect(judgeMessage(state, 'ping', i * 500).kind).toBe('ping');
    const afterAnHour = 3_600_000;
    for (let i = 0; i < BURST_MESSAGES; i++) judgeMessage(state, 'ping', afterAnHour);
    expect(judgeMessage(state, 'ping', afterAnHour).kind).toBe('close');
  });

  test('three messages a second end in 1008', () => {
    const state = newInboundState(0);
    const kinds = Array.from(
      { length: 60 },
      (_, i) => judgeMessage(state, 'ping', (i * 1000) / 3).kind,
    );
    expect(kinds).toContain('close');
  });

  test('pings of the WebSocket protocol use up the same allowance', () => {
    const state = newInboundState(0);
    for (let i = 0; i < BURST_MESSAGES; i++)
      expect(judgeControlFrame(state, 0).kind).toBe('nothing');
    expect(judgeControlFrame(state, 0)).toMatchObject({ code: CLOSE.policyViolation });
  });

  test('the tenth unknown message ends the connection, however slowly they come', () => {
    const state = newInboundState(0);
    for (let i = 1; i < MAX_UNKNOWN_MESSAGES; i++) {
      expect(judgeMessage(state, 'hello', i * 60_000).kind).toBe('nothing');
    }
    expect(judgeMessage(state, 'hello', 3_600_000)).toMatchObject({
      kind: 'close',
      code: CLOSE.policyViolation,
    });
  });
});
