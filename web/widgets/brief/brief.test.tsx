import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { applyPatch } from '../../../contract/index.ts';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { liveTestPage, type TestPage, testPage, textOf } from '../test-props.ts';
import { brief } from './index.tsx';

const briefOf = (page: TestPage) => textOf(renderToString(<brief.View {...page} />));

describe('the brief', () => {
  test('is written from the figures in both languages', () => {
    expect(briefOf(testPage(testDocument(), 'en'))).toBe(
      '|Bitcoin is at $77,705.00, down 1.41% in 24 hours. The whole market is worth $2.62T, down 1.60%. Sentiment: Fear (26/100). Daily RSI 33.45: Neutral.|',
    );
    expect(briefOf(testPage(testDocument(), 'vi'))).toBe(
      '|Bitcoin ở mức 77.705,00 US$, giảm 1,41% trong 24 giờ. Tổng vốn hóa thị trường 2,62 nghìn tỷ US$, giảm 1,60%. Tâm lý: Sợ hãi (26/100). RSI ngày 33,45: Trung tính.|',
    );
  });

  test('calls a change that rounds to nothing unchanged', () => {
    const flat = applyPatch(testDocument(), { coins: { BTC: { change_24h: -0.004 } } });
    expect(briefOf(testPage(flat))).toContain('$77,705.00, unchanged in 24 hours.');
  });

  test('leaves out what is not known', () => {
    const some = applyPatch(testDocument(), {
      market_cap_change_24h: null,
      fng_value: null,
      rsi_14: null,
    });
    expect(briefOf(testPage(some))).toBe(
      '|Bitcoin is at $77,705.00, down 1.41% in 24 hours. The whole market is worth $2.62T.|',
    );
  });

  test('writes a price and a market without the changes that are not known', () => {
    const some = applyPatch(testDocument(), {
      btc_change_24h: null,
      coins: { BTC: { change_24h: null } },
      market_cap_change_24h: null,
    });
    expect(briefOf(testPage(some))).toStartWith(
      '|Bitcoin is at $77,705.00. The whole market is worth $2.62T. ',
    );
    expect(briefOf(testPage(some, 'vi'))).toStartWith('|Bitcoin ở mức ');
  });

  test('leaves out what is out of date beside a living price', () => {
    const old = applyPatch(testDocument(), { freshness: { rsi_14: { state: 'stale' } } });
    const text = briefOf(testPage(old));
    expect(text).toContain('Bitcoin is at');
    expect(text).not.toContain('RSI');
    expect(text).not.toContain('Figures from');
  });

  test('gives the time of the oldest figure that is out of date', () => {
    const page = testPage(testDocument(), 'en', TEST_NOW_MS + 3_600_000);
    expect(briefOf(page)).toEndWith('Figures from 06:50 UTC.|');
  });

  test('gives the time of the whole page while it is paused', () => {
    const page = liveTestPage(testDocument());
    page.live.setPaused(true);
    expect(briefOf(page)).toEndWith('Figures from 13:59.|');
  });

  test('says so when there are no figures yet', () => {
    expect(briefOf(testPage(emptyTestDocument(), 'vi'))).toBe(
      '|Chưa có số liệu. Máy chủ đang thử lại.|',
    );
  });
});
