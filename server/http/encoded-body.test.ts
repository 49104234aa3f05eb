import { describe, expect, test } from 'bun:test';
import { createEncodedBody } from './encoded-body.ts';

const TEXT = '{"price":77705} '.repeat(100);

describe('a body in several encodings', () => {
  test('is made once for each, and only when somebody asks', () => {
    const body = createEncodedBody(TEXT, ['br', 'gzip']);
    const brotli = body.for('br');
    expect(body.for('gzip, br').bytes).toBe(brotli.bytes);
    expect(body.for('gzip').bytes).not.toBe(brotli.bytes);
    expect(body.for(null).bytes).toBe(body.plain);
    expect(new TextDecoder().decode(body.plain)).toBe(TEXT);
  });

  test('is named in the header, the text itself is not', () => {
    const body = createEncodedBody(TEXT, ['gzip']);
    expect(body.for('br, gzip').headers).toEqual({ 'Content-Encoding': 'gzip' });
    expect(body.for('br').headers).toEqual({});
  });
});
