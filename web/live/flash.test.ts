import { describe, expect, test } from 'bun:test';
import { batch, signal } from '@preact/signals';
import type { SourceId } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createFlash, FLASH_EVERY_MS, FLASH_MS } from './flash.ts';

function watched() {
  const clock = createManualClock();
  const value = signal<number | null>(100);
  const source = signal<SourceId>('binance');
  let isNews = true;
  const { flash, watch } = createFlash({ clock, isNews: () => isNews }, () => ({
    source: source.value,
    value: value.value,
  }));
  const stop = watch();
  return {
    clock,
    value,
    source,
    flash,
    stop,
    setNews: (is: boolean) => {
      isNews = is;
    },
  };
}

describe('a flash', () => {
  test('does not happen in the first paint', () => {
    expect(watched().flash.value).toBe('flat');
  });

  test('shows the direction and fades', () => {
    const { clock, value, flash } = watched();
    value.value = 101;
    expect(flash.value).toBe('up');
    clock.advance(FLASH_MS);
    expect(flash.value).toBe('flat');
  });

  test('comes at most once a second', () => {
    const { clock, value, flash } = watched();
    value.value = 99;
    clock.advance(FLASH_MS);
    value.value = 98;
    expect(flash.value).toBe('flat');
    clock.advance(FLASH_EVERY_MS - FLASH_MS);
    value.value = 97;
    expect(flash.value).toBe('down');
  });

  test('is not made of becoming known or unknown', () => {
    const { value, flash } = watched();
    value.value = null;
    value.value = 120;
    expect(flash.value).toBe('flat');
  });

  test('is not made of a change of source: between two exchanges nothing rose or fell', () => {
    const { clock, value, source, flash } = watched();
    batch(() => {
      source.value = 'coinbase';
      value.value = 101;
    });
    expect(flash.value).toBe('flat');
    value.value = 100;
    expect(flash.value).toBe('down');
    clock.advance(FLASH_EVERY_MS);
    batch(() => {
      source.value = 'binance';
      value.value = 102;
    });
    expect(flash.value).toBe('flat');
  });

  test('is not made of old news, which still count as seen', () => {
    const { value, flash, setNews } = watched();
    setNews(false);
    value.value = 150;
    setNews(true);
    expect(flash.value).toBe('flat');
    value.value = 149;
    expect(flash.value).toBe('down');
  });

  test('leaves no timer behind', () => {
    const { clock, value, stop } = watched();
    value.value = 101;
    stop();
    expect(clock.pending()).toBe(0);
  });
});
