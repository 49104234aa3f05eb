import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { applyPatch } from '../../../contract/index.ts';
import { emptyTestDocument, testDocument } from '../../live/test-document.ts';
import { streamedDocument } from '../../live/test-streamed-document.ts';
import { liveTestPage, testPage, textOf } from '../test-props.ts';
import { sources } from './index.tsx';

const withSource = (id: string, entry: Record<string, string | number | null>) =>
  applyPatch(testDocument(), {
    sources: {
      [id]: {
        state: 'ok',
        last_success_at: null,
        next_attempt_at: null,
        error: null,
        deviation_percent: null,
        ...entry,
      },
    },
  });

describe('the sources card', () => {
  test('says who supplies what and how old it is, in both languages', () => {
    const en = textOf(renderToString(<sources.View {...liveTestPage(testDocument(), 'en')} />));
    expect(en).toContain(
      'CoinGecko|Bitcoin price, Market cap, 24h volume, BTC.D|OK|Last success: 10 s ago',
    );
    expect(en).toContain('Binance|Daily RSI(14)|OK');
    const vi = textOf(renderToString(<sources.View {...liveTestPage(testDocument(), 'vi')} />));
    expect(vi).toContain(
      'alternative.me|Sợ hãi & Tham lam|Bình thường|Thành công gần nhất: 10 giây trước',
    );
  });

  test('gives absolute times in the first paint', () => {
    const html = textOf(renderToString(<sources.View {...testPage(testDocument())} />));
    expect(html).toContain('Last success: 06:59 UTC');
  });

  test('says what failed and when it is tried again', () => {
    const failing = applyPatch(testDocument(), {
      sources: {
        alternative_me: {
          state: 'failing',
          next_attempt_at: '2026-11-23T07:05:00Z',
          error: { code: 'bad_response', at: '2026-11-23T06:59:00Z' },
        },
      },
    });
    const html = textOf(renderToString(<sources.View {...liveTestPage(failing)} />));
    expect(html).toContain('Failing: invalid answer|Last success: 10 s ago|Next try in 5 min');
  });

  test('names what is set aside, off, streaming, never heard or just being tried', () => {
    const textFor = (id: string, entry: Record<string, string | number | null>) =>
      textOf(renderToString(<sources.View {...liveTestPage(withSource(id, entry))} />));
    expect(textFor('kraken', { state: 'set_aside', deviation_percent: -2.4 })).toContain(
      'Set aside: price off by 2.40%',
    );
    expect(textFor('taapi', { state: 'off' })).toContain('|Off: TAAPI|');
    expect(textFor('kraken', {})).toContain('|Kraken|OK|Live stream|');
    const failing = { state: 'failing', next_attempt_at: '2026-11-23T07:04:00Z' };
    expect(textFor('kraken', failing)).toContain('|Failing|No success yet|Next try in 4 min|');
    const due = { state: 'rate_limited', next_attempt_at: '2026-11-23T06:59:00Z' };
    expect(textFor('kraken', due)).toContain('|Rate limited|No success yet|Trying now|');
  });

  const textOfStreams = (...rest: [language?: 'vi' | 'en']) =>
    textOf(renderToString(<sources.View {...liveTestPage(streamedDocument(), ...rest)} />));

  test('calls a stream one, also when its candles were asked for hours ago', () => {
    expect(textOfStreams()).toContain(
      '|Binance|Bitcoin price, Daily RSI(14), ETH, SOL, XRP, ADA, LINK|OK|Live stream|' +
        'Coinbase|Set aside: price off by 1.37%|Live stream|Kraken|BNB|OK|Live stream|',
    );
  });

  test('says nothing of times that are not known: a stream that is cut, a source that refuses', () => {
    const cut = applyPatch(streamedDocument(), {
      sources: {
        kraken: { state: 'failing', error: { code: 'timeout', at: '2026-11-23T06:59:00Z' } },
      },
      btc_spread: null,
    });
    const text = textOf(renderToString(<sources.View {...liveTestPage(cut)} />));
    expect(text).toContain('|Kraken|BNB|Failing: timed out|CoinGecko|');
    expect(text).toContain('|CoinMarketCap|Refused|alternative.me|');
  });

  test('does not promise that asking again brings back what is set aside', () => {
    const aside = {
      state: 'set_aside',
      deviation_percent: 2,
      next_attempt_at: '2026-11-23T07:04:00Z',
    };
    const page = liveTestPage(withSource('binance', aside), 'vi');
    expect(textOf(renderToString(<sources.View {...page} />))).toContain(
      '|Tạm loại: giá lệch 2,00%|Luồng trực tiếp|CoinGecko|',
    );
  });

  test('says whose the market and the funds are, and names everybody with a link', () => {
    expect(textOfStreams()).toContain('|CoinPaprika|Market cap, 24h volume, BTC.D|OK|');
    expect(textOfStreams()).toContain('|Finnhub|SPY, DIA, QQQ|OK|');
    const html = renderToString(<sources.View {...liveTestPage(streamedDocument())} />);
    expect(html.match(/<a class="source-name" href="https:/g)).toHaveLength(9);
    expect(html).toContain(
      'href="https://coinpaprika.com/" rel="noopener noreferrer">CoinPaprika</a>',
    );
  });

  test('says that none has answered before the first round', () => {
    const html = textOf(renderToString(<sources.View {...testPage(emptyTestDocument())} />));
    expect(html).toContain('No source has answered yet.');
  });
});
