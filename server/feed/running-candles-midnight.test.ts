import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { rsi } from '../indicators/rsi.ts';
import { DAY_MS } from './running-candles.ts';
import { CLOSES, MIDNIGHT, NOON, setUpRunning, TODAY } from './test-running-candles.ts';

describe('running candles', () => {
  describe('at 00:00 UTC', () => {
    const closed = CLOSES.slice(0, -1);

    test('pitfall 46: close a candle whose last frame was missed at its last price, and open the next', () => {
      const { fetch, price, lose, rsi: running, hasGap } = setUpRunning();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT - 30_000, 60_000);
      price(MIDNIGHT + 30_000, 60_500);
      lose();
      price(MIDNIGHT + 180_000, 60_700, 2);
      expect(hasGap()).toBe(false);
      expect(running()?.value).toBe(rsi([...closed, 60_000, 60_700]) ?? Number.NaN);
      expect(running()?.endMs).toBe(MIDNIGHT + DAY_MS - 1);
    });

    describe('stand alone until they are fetched, for nobody knows how the day closed,', () => {
      const isAlone = ({ rsi: running, hasGap }: ReturnType<typeof setUpRunning>) => {
        expect(hasGap()).toBe(true);
        expect(running()?.close.figure).toBe('candles');
        expect(running()?.value).toBe(rsi(CLOSES) ?? Number.NaN);
        expect(running()?.endMs).toBe(MIDNIGHT - 1);
      };

      test('when the stream was away over midnight, however shortly', () => {
        for (const [lastMs, firstMs] of [
          [MIDNIGHT - 4 * 3_600_000, MIDNIGHT + 2 * 3_600_000],
          [MIDNIGHT - 1, MIDNIGHT],
        ] as const) {
          const world = setUpRunning();
          world.fetch(CLOSES, TODAY, NOON);
          world.price(lastMs, 60_000);
          world.lose();
          world.price(firstMs, 60_500, 2);
          isAlone(world);
          world.price(firstMs + 1000, 60_501, 2);
          isAlone(world);
          world.fetch([...closed, 60_111, 60_400], MIDNIGHT, firstMs + 2000);
          expect(world.hasGap()).toBe(false);
          expect(world.rsi()?.value).toBe(rsi([...closed, 60_111, 60_501]) ?? Number.NaN);
        }
      });

      test('when nothing was heard of the price for more than a minute, though no connection was lost', () => {
        const world = setUpRunning();
        world.fetch(CLOSES, TODAY, NOON);
        world.price(MIDNIGHT - 30_000, 60_000);
        world.price(MIDNIGHT + 30_001, 60_500);
        isAlone(world);
      });

      test('when the first price of all is of the next day', () => {
        const world = setUpRunning();
        world.fetch(CLOSES, TODAY, NOON);
        world.price(MIDNIGHT + 1, 60_500);
        isAlone(world);
      });

      test('when the last price is of the day before them, quiet as it may have been since', () => {
        const world = setUpRunning();
        const earlierMs = TODAY - 1000;
        world.price(earlierMs, 60_000);
        world.fetch(CLOSES, TODAY, NOON);
        world.move(earlierMs, MIDNIGHT - 1000, 60_000);
        world.price(MIDNIGHT + 1000, 60_500);
        isAlone(world);
      });

      test('when the next day is over too, however well all is known', () => {
        const world = setUpRunning();
        world.fetch(CLOSES, TODAY, MIDNIGHT);
        world.price(MIDNIGHT + 1, 60_000);
        expect(world.hasGap()).toBe(false);
        world.price(MIDNIGHT + DAY_MS - 1, 60_001);
        world.price(MIDNIGHT + DAY_MS, 60_500);
        isAlone(world);
      });
    });

    test('go on with a new connection’s price while the old one is alive', () => {
      const { fetch, price, lose, rsi: running, hasGap } = setUpRunning();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT - 1000, 60_000);
      price(MIDNIGHT + 1000, 60_500, 2);
      lose();
      expect(hasGap()).toBe(false);
      expect(running()?.value).toBe(rsi([...closed, 60_000, 60_500]) ?? Number.NaN);
    });

    test('go on with a quiet price that later frames have shown to be as it was', () => {
      const { fetch, price, move, rsi: running, hasGap } = setUpRunning();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT - 600_000, 60_000);
      move(MIDNIGHT - 600_000, MIDNIGHT - 10_000, 60_000);
      move(MIDNIGHT - 600_000, MIDNIGHT + 50_000, 60_000);
      price(MIDNIGHT + 100_000, 60_500);
      expect(hasGap()).toBe(false);
      expect(running()?.value).toBe(rsi([...closed, 60_000, 60_500]) ?? Number.NaN);
    });

    test('go on without a stream at midnight when the fetch was after it', () => {
      const { fetch, price, lose, rsi: running, hasGap } = setUpRunning();
      price(NOON, 60_000);
      lose();
      fetch(CLOSES, TODAY, MIDNIGHT - 2);
      price(MIDNIGHT + 3_600_000, 60_500, 2);
      expect(hasGap()).toBe(true);
      fetch([...closed, 60_111], TODAY, MIDNIGHT);
      expect(hasGap()).toBe(false);
      expect(running()?.value).toBe(rsi([...closed, 60_111, 60_500]) ?? Number.NaN);
    });

    test('pitfall 46: keep the new candle when a fetch still ends with yesterday, and believe its close', () => {
      const { fetch, price, rsi: running } = setUpRunning();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT - 6000, 60_000);
      price(MIDNIGHT + 100, 60_500);
      fetch([...closed, 60_111], TODAY, MIDNIGHT + 200);
      expect(running()?.value).toBe(rsi([...closed, 60_111, 60_500]) ?? Number.NaN);
      expect(running(false)?.value).toBe(rsi([...closed, 60_111, 60_500]) ?? Number.NaN);
    });

    test('pitfall 46: take both from a fetch that has them, with the running price while the stream lives', () => {
      const { fetch, price, lose, rsi: running } = setUpRunning();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT - 1, 60_000);
      price(MIDNIGHT + 100, 60_500);
      fetch([...closed, 60_111, 60_400], MIDNIGHT, MIDNIGHT + 5000);
      expect(running()?.value).toBe(rsi([...closed, 60_111, 60_500]) ?? Number.NaN);
      lose();
      expect(running()?.value).toBe(rsi([...closed, 60_111, 60_400]) ?? Number.NaN);
    });

    test('hold the new day’s fetched candle against a price of yesterday', () => {
      const { fetch, price, rsi: running } = setUpRunning();
      price(MIDNIGHT - 1, 60_000);
      fetch([...CLOSES, 60_400], MIDNIGHT, MIDNIGHT + 5000);
      expect(running()?.close.figure).toBe('candles');
      expect(running()?.value).toBe(rsi([...CLOSES, 60_400]) ?? Number.NaN);
    });

    test('do not go back for a fetch that ends earlier than one before it', () => {
      const { fetch, rsi: running } = setUpRunning();
      fetch([...CLOSES, 60_400], MIDNIGHT, MIDNIGHT + 5000);
      fetch(CLOSES, TODAY, MIDNIGHT + 6000);
      expect(running()?.value).toBe(rsi([...CLOSES, 60_400]) ?? Number.NaN);
    });

    test('go by the time of the event, not by that of its arrival', () => {
      const { fetch, price, rsi: running } = setUpRunning();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT - 1, 60_000);
      expect(running()?.endMs).toBe(MIDNIGHT - 1);
      price(MIDNIGHT, 60_001);
      expect(running()?.endMs).toBe(MIDNIGHT + DAY_MS - 1);
    });

    test('do not go back for a late price of another connection', () => {
      const { fetch, price, rsi: running } = setUpRunning();
      fetch(CLOSES, TODAY, MIDNIGHT);
      price(MIDNIGHT + 10, 60_500);
      price(MIDNIGHT - 10, 60_000, 2);
      expect(running()?.value).toBe(rsi([...CLOSES, 60_500]) ?? Number.NaN);
    });

    test('stand alone when two days have turned without a fetch', () => {
      const { fetch, price, rsi: running } = setUpRunning();
      fetch(CLOSES, TODAY, NOON);
      price(MIDNIGHT + 1, 60_000);
      price(MIDNIGHT + DAY_MS + 1, 60_500);
      expect(running()?.value).toBe(rsi(CLOSES) ?? Number.NaN);
      fetch([...CLOSES, 60_111], MIDNIGHT, MIDNIGHT + DAY_MS + 5000);
      expect(running()?.value).toBe(rsi([...CLOSES, 60_111, 60_500]) ?? Number.NaN);
    });

    test('stand alone when a day between them and the prices is missing', () => {
      const { fetch, price, rsi: running } = setUpRunning();
      fetch(CLOSES, TODAY, NOON);
      price(NOON + 1, 60_000);
      price(MIDNIGHT + DAY_MS, 60_500);
      expect(running()?.close.figure).toBe('candles');
      expect(running()?.value).toBe(rsi(CLOSES) ?? Number.NaN);
      expect(running()?.endMs).toBe(MIDNIGHT - 1);
    });
  });

  describe('over two days', () => {
    const before = CLOSES.slice(-20, -1);

    /** What was said of an exchange: a price, or candles up to a close of the first day or of both. */
    interface Said {
      readonly atMs: number;
      readonly usd: number;
      readonly kind: 'price' | 'candles of one' | 'candles of both';
      /** Connections that were lost until then. */
      readonly losses: number;
    }

    const toSay = fc.record({
      isPrice: fc.boolean(),
      afterMs: fc.oneof(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: DAY_MS / 4 }),
      ),
      usd: fc.double({ min: 1, max: 2e5, noNaN: true }),
      /** Whether a fetch after midnight still ends with the day before. */
      isLate: fc.boolean(),
      isAfterLoss: fc.nat(7).map((chance) => chance === 0),
    });

    /** The closes of the two days by the rules; only one when nobody knows how the first day closed. */
    function closesOf(said: readonly Said[]): readonly number[] {
      const prices = said.filter(({ kind }) => kind === 'price');
      const isLive = (price: Said) =>
        price === prices.at(-1) && price.losses === said.at(-1)?.losses;
      const fetched =
        said.findLast(({ kind }) => kind === 'candles of both') ??
        said.findLast(({ kind }) => kind === 'candles of one');
      if (fetched === undefined) return [];
      const closeOf = (price: Said | undefined) =>
        price && (isLive(price) || said.indexOf(price) > said.indexOf(fetched))
          ? price.usd
          : fetched.usd;
      const closing = prices.findLast(({ atMs }) => atMs < MIDNIGHT);
      const opening = prices.find(({ atMs }) => atMs >= MIDNIGHT);
      const newest = prices.findLast(({ atMs }) => atMs >= MIDNIGHT);
      if (fetched.kind === 'candles of both') return [fetched.usd / 2, closeOf(newest)];
      if (opening === undefined || newest === undefined) return [closeOf(closing)];
      const isFollowed =
        closing?.losses === opening.losses && opening.atMs - closing.atMs <= 60_000;
      if (isFollowed) return [closeOf(closing), newest.usd];
      return fetched.atMs >= MIDNIGHT ? [fetched.usd, newest.usd] : [fetched.usd];
    }

    test('equal the RSI over the closes, whatever is said of them in which order', () => {
      const startMs = fc.constantFrom(TODAY, MIDNIGHT - 150_000);
      let gaps = 0;
      let rolls = 0;
      fc.assert(
        fc.property(startMs, fc.array(toSay, { maxLength: 12 }), (beginMs, all) => {
          const { fetch, price, lose, rsi: running, hasGap } = setUpRunning();
          const said: Said[] = [{ kind: 'candles of one', atMs: beginMs, usd: 1000, losses: 0 }];
          fetch([...before, 1000], TODAY, beginMs);
          let [nowMs, losses] = [beginMs, 0];
          for (const { isPrice, afterMs, usd, isLate, isAfterLoss } of all) {
            nowMs = Math.min(nowMs + afterMs, MIDNIGHT + DAY_MS - 1);
            if (isAfterLoss) lose(++losses);
            const kind = isPrice
              ? 'price'
              : nowMs < MIDNIGHT || isLate
                ? 'candles of one'
                : 'candles of both';
            if (kind === 'price') price(nowMs, usd, losses + 1);
            else if (kind === 'candles of one') fetch([...before, usd], TODAY, nowMs);
            else fetch([...before, usd / 2, usd], MIDNIGHT, nowMs);
            said.push({ kind, atMs: nowMs, usd, losses });
          }
          const closes = closesOf(said);
          expect(running()?.value).toBe(rsi([...before, ...closes]) ?? Number.NaN);
          const hasTurned = said.some(({ kind, atMs }) => kind === 'price' && atMs >= MIDNIGHT);
          expect(hasGap()).toBe(hasTurned && closes.length === 1);
          if (hasGap()) gaps++;
          else if (hasTurned) rolls++;
        }),
        { numRuns: 300 },
      );
      // Both were tried.
      expect(Math.min(gaps, rolls)).toBeGreaterThan(0);
    });
  });
});
