import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { StreamEnd } from './stream.ts';
import { PROVEN_AFTER_MS } from './stream-connection.ts';
import { createStreamMemory } from './stream-memory.ts';
import { NO_PAUSES, openTestStream, say, type TestStream } from './test-stream.ts';

/** Streams of one process, each opened when the one before it was closed. */
function createTerms() {
  const clock = createManualClock();
  const logged: string[] = [];
  const logAs = (level: string) => (_: object, message: string) =>
    void logged.push(`${level}: ${message}`);
  const log = {
    debug: logAs('debug'),
    info: logAs('info'),
    warn: logAs('warn'),
    error: logAs('error'),
  };
  const random = () => 0.5;
  const streamMemory = createStreamMemory({ clock, random, log, pauses: NO_PAUSES });
  let last: TestStream | null = null;
  return {
    clock,
    logged: () => logged.splice(0),
    begin(source: 'binance' | 'kraken' = 'binance') {
      last?.stream.close();
      last = openTestStream({ clock, random, log, streamMemory, source });
      clock.advance(0);
      return last;
    },
  };
}

describe('the stream of the next term', () => {
  test.each<[Partial<StreamEnd>, string, number]>([
    [{ status: 451 }, 'blocked blocked', 1_890_000],
    [{ status: 429 }, 'rate_limited rate_limited', 63_000],
    [{ status: 500 }, 'failing unavailable', 625],
  ])('pitfall 41: after %p says %p at once, and waits what is left', (how, word, waitMs) => {
    const { clock, begin } = createTerms();
    begin().socket().end(how);
    clock.advance(500);
    const next = begin();
    expect(next.news()).toEqual([word]);
    clock.advance(waitMs - 501);
    expect(next.sockets).toHaveLength(0);
    clock.advance(1);
    expect(next.sockets).toHaveLength(1);
    expect(next.news()).toEqual([]);
  });

  test('connects at once after a good one, and after another exchange’s refusal', () => {
    const { clock, begin } = createTerms();
    const good = begin();
    good.socket().open(say.prices('BTC'));
    clock.advance(1000);
    const refused = begin();
    expect(refused.sockets).toHaveLength(1);
    refused.socket().end({ status: 451 });
    expect(begin('kraken').sockets).toHaveLength(1);
  });

  test('waits shortly after a failure if the last one lasted, whatever was before it', () => {
    const { clock, begin } = createTerms();
    const first = begin();
    for (const waitMs of [625, 1125, 2125]) {
      first.socket().end();
      clock.advance(waitMs);
    }
    first.socket().open(say.prices('BTC'));
    clock.advance(PROVEN_AFTER_MS);
    first.socket().say(say.prices('BTC'));
    const next = begin();
    next.socket().end();
    clock.advance(625);
    expect(next.sockets).toHaveLength(2);
  });
});

describe('what is logged of a stream', () => {
  test('is one warning for an outage, over terms too, and one line when it is over', () => {
    const { clock, logged, begin } = createTerms();
    let stream = begin();
    for (let n = 0; n < 100; n++) {
      if (n === 50) stream = begin();
      if (stream.sockets.at(-1)?.isOpen()) stream.socket().end();
      clock.advance(1000);
    }
    expect(logged().filter((line) => !line.startsWith('debug'))).toEqual(['warn: a stream ended']);
    while (!stream.sockets.at(-1)?.isOpen()) clock.advance(100);
    const outageS = Math.round(clock.monotonic() / 1000);
    stream.socket().open(say.prices('BTC'));
    clock.advance(PROVEN_AFTER_MS - 1);
    stream.socket().say(say.prices('BTC'));
    expect(logged()).toEqual([]);
    clock.advance(1);
    stream.socket().say(say.prices('BTC'));
    stream.socket().say(say.prices('BTC'));
    expect(logged()).toEqual([`info: a stream brings prices again after ${outageS} s`]);
    stream.socket().end();
    expect(logged()).toEqual(['warn: a stream ended']);
  });

  test('is one warning for a server that brings a price and closes, again and again', () => {
    const { clock, logged, begin } = createTerms();
    const stream = begin();
    for (let n = 0; n < 100; n++) {
      if (stream.sockets.at(-1)?.isOpen()) {
        stream.socket().open(say.prices('BTC'));
        stream.socket().end();
      }
      clock.advance(1000);
    }
    expect(stream.sockets.length).toBeGreaterThan(8);
    expect(logged().filter((line) => !line.startsWith('debug'))).toEqual(['warn: a stream ended']);
  });

  test('is not that all is well while only the connection that is left brings prices', () => {
    const { clock, logged, begin } = createTerms();
    const stream = begin();
    stream.socket().open(say.prices('BTC'));
    clock.advance(PROVEN_AFTER_MS);
    stream.socket().say(say.goingAway);
    clock.advance(625);
    const [old] = stream.sockets;
    stream.socket().end();
    for (let n = 0; n < 5; n++) old?.say(say.prices('BTC'));
    expect(logged()).toEqual(['warn: a stream ended']);
    old?.end();
    expect(logged()).toEqual(['debug: a stream ended']);
  });
});
