import { describe, expect, test } from 'bun:test';
import { finnhubQuoteRoutes } from './finnhub-quote.ts';
import { recording, served } from './test-recording.ts';

const TEXT =
  '{"c":742.310,"d":-2.76,"dp":-0.3704,"h":747.08,"l":741.33,"o":745.07,"pc":745.07,"t":1795191600}';
const recognised = (text: string, rest: Parameters<typeof recording>[1] = {}) =>
  Object.fromEntries(
    finnhubQuoteRoutes.flatMap((route) => {
      const found = route.recognise(recording(text, rest));
      return found ? [[route.about?.symbol, found.isComplete]] : [];
    }),
  );

describe('Finnhub’s /quote', () => {
  test('is of the fund that its request or its name tells', () => {
    expect(recognised(TEXT, { file: 'finnhub/quote_DIA_2026-11-20.json' })).toEqual({ DIA: true });
    const request = new URL('https://host/api/v1/quote?symbol=QQQ');
    expect(recognised(TEXT, { file: 'quote_SPY.json', request })).toEqual({ QQQ: true });
    expect(recognised(TEXT, { file: 'quote_AAPL.json' })).toEqual({});
  });

  test('is nobody’s fund when nothing tells: only somebody who asks for it by name gets it', () => {
    expect(recognised(TEXT, { file: 'finnhub_quote.json' })).toEqual({
      SPY: false,
      DIA: false,
      QQQ: false,
    });
  });

  test('is not zeros, which say that there is no quote', () => {
    expect(recognised(TEXT.replace('742.310', '0'))).toEqual({});
    expect(recognised(TEXT.replace('1795191600', '0'))).toEqual({});
    expect(recognised('{"c":742.31}')).toEqual({});
  });

  test('moves its time to the minute of the request and nothing else', () => {
    const [route] = finnhubQuoteRoutes;
    const now = Date.UTC(2026, 10, 23, 7, 0, 30);
    const minuteS = String(Date.UTC(2026, 10, 23, 7) / 1000);
    if (!route) expect.unreachable();
    expect(served(route, recording(TEXT), now)).toBe(TEXT.replace('1795191600', minuteS));
    expect(served(route, recording(TEXT), now, { asRecorded: true })).toBe(TEXT);
  });
});
