import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { testDocument } from '../../live/test-document.ts';
import { testPage, textOf } from '../test-props.ts';
import { volume } from './index.tsx';

describe('the volume card', () => {
  test('shows amount, unit and change in both languages', () => {
    const en = textOf(renderToString(<volume.View {...testPage(testDocument(), 'en')} />));
    expect(en).toContain('24h volume');
    expect(en).toContain('$95.13|B|');
    expect(en).toContain('▲ |+3.20%');
    const vi = textOf(renderToString(<volume.View {...testPage(testDocument(), 'vi')} />));
    expect(vi).toContain('95,13| tỷ US$');
    expect(vi).toContain('▲ |+3,20%');
  });
});
