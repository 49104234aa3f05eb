import { describe, expect, test } from 'bun:test';
import { createAdmissionDesk, FULL_RETRY_AFTER_S, PER_IP_RETRY_AFTER_S } from './admission.ts';

describe('admission', () => {
  test('refuses an address at its limit with 429 and others not', () => {
    const desk = createAdmissionDesk({ maxConnections: 10, maxConnectionsPerIp: 2 });
    expect(desk.admit('a')).toEqual({ admitted: true });
    expect(desk.admit('a')).toEqual({ admitted: true });
    expect(desk.admit('a')).toEqual({
      admitted: false,
      status: 429,
      retryAfterS: PER_IP_RETRY_AFTER_S,
    });
    expect(desk.admit('b')).toEqual({ admitted: true });
    expect(desk.refused()).toBe(1);
  });

  test('refuses everybody with 503 when full, and admits again when somebody leaves', () => {
    const desk = createAdmissionDesk({ maxConnections: 2, maxConnectionsPerIp: 2 });
    desk.admit('a');
    desk.admit('b');
    expect(desk.admit('c')).toEqual({
      admitted: false,
      status: 503,
      retryAfterS: FULL_RETRY_AFTER_S,
    });
    desk.release('a');
    expect(desk.admit('c')).toEqual({ admitted: true });
  });

  test('a release of an address that holds nothing changes nothing', () => {
    const desk = createAdmissionDesk({ maxConnections: 1, maxConnectionsPerIp: 1 });
    desk.release('a');
    expect(desk.admit('b').admitted).toBe(true);
    expect(desk.admit('c').admitted).toBe(false);
  });

  test('counts an IPv6 address with all of its /64, for whoever has one has them all', () => {
    const desk = createAdmissionDesk({ maxConnections: 10, maxConnectionsPerIp: 2 });
    expect(desk.admit('2001:db8:0:7::1').admitted).toBe(true);
    expect(desk.admit('2001:db8:0:7:ffff::2').admitted).toBe(true);
    expect(desk.admit('2001:db8:0:7:a:b:c:d')).toMatchObject({ admitted: false, status: 429 });
    expect(desk.admit('2001:db8:0:8::1').admitted).toBe(true);
    expect(desk.admit('2001:db8::7:0:0:1').admitted).toBe(true);
    desk.release('2001:db8:0:7:ffff::2');
    expect(desk.admit('2001:db8:0:7:a:b:c:d').admitted).toBe(true);
  });

  test('counts an IPv4 address by itself', () => {
    const desk = createAdmissionDesk({ maxConnections: 10, maxConnectionsPerIp: 1 });
    expect(desk.admit('198.51.100.7').admitted).toBe(true);
    expect(desk.admit('198.51.100.8').admitted).toBe(true);
    expect(desk.admit('198.51.100.7').admitted).toBe(false);
  });

  test('admits nobody once closed', () => {
    const desk = createAdmissionDesk({ maxConnections: 10, maxConnectionsPerIp: 10 });
    desk.close();
    expect(desk.admit('a')).toMatchObject({ admitted: false, status: 503 });
  });
});
