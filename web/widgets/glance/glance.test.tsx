import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { testPage, textOf } from '../test-props.ts';
import { glance } from './index.tsx';

describe('the row of figures for a phone', () => {
  test('shows four numbers in both languages', () => {
    expect(textOf(renderToString(<glance.View {...testPage(testDocument(), 'vi')} />))).toBe(
      '|F&G|26|Vốn hóa|2,62| nghìn tỷ US$|BTC.D|57,95%|RSI|33,45|',
    );
    expect(textOf(renderToString(<glance.View {...testPage(testDocument(), 'en')} />))).toBe(
      '|F&G|26|Market cap|$2.62|T|BTC.D|57.95%|RSI|33.45|',
    );
  });

  test('dims what is out of date and dashes what is unknown', () => {
    const old = testPage(testDocument(), 'en', TEST_NOW_MS + 3_600_000);
    expect(renderToString(<glance.View {...old} />).match(/strong stale/g)).toHaveLength(3);
    const none = textOf(renderToString(<glance.View {...testPage(emptyTestDocument())} />));
    expect(none.match(/—/g)).toHaveLength(4);
  });
});
