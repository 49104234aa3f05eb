import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { testDocument } from '../../live/test-document.ts';
import { testPage, textOf } from '../test-props.ts';
import { marketCap } from './index.tsx';

describe('the market cap card', () => {
  test('shows amount, unit and change in both languages', () => {
    const en = textOf(renderToString(<marketCap.View {...testPage(testDocument(), 'en')} />));
    expect(en).toContain('Total market cap');
    expect(en).toContain('$2.62|T|');
    expect(en).toContain('▼ |−1.60%');
    const vi = textOf(renderToString(<marketCap.View {...testPage(testDocument(), 'vi')} />));
    expect(vi).toContain('2,62| nghìn tỷ US$');
  });
});
