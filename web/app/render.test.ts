import { describe, expect, test } from 'bun:test';
import { applyPatch, type DashboardDocument } from '../../contract/index.ts';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from '../live/test-document.ts';
import { readEmbedded } from './embedded.ts';
import type { PageInput } from './page.ts';
import { renderPage } from './render.tsx';

const render = (document: DashboardDocument, changes: Partial<PageInput> = {}) =>
  renderPage({
    document,
    position: { epoch: 1_763_881_200_000, seq: 7 },
    nowMs: TEST_NOW_MS,
    assets: { script: '/assets/page-0.js', style: '/assets/page-0.css' },
    appVersion: '1.2.3+0',
    isLoopback: false,
    language: 'en',
    theme: 'system',
    colours: 'green-red',
    ...changes,
  });

const embeddedIn = (html: string) => {
  const match = /<script id="marketcast-page" type="application\/json">(.*?)<\/script>/s.exec(html);
  return readEmbedded(match?.[1] ?? '');
};

describe('the rendered page', () => {
  test('has the real numbers in the visitor’s language', () => {
    const vi = render(testDocument(), { language: 'vi' });
    expect(vi).toStartWith('<!doctype html><html lang="vi"');
    expect(vi).toContain(
      '<title>77.705,00\u00a0US$ · ▼\u00a0−1,41% · Bitcoin · Marketcast</title>',
    );
    expect(vi).toContain('57,95%');
    const en = render(testDocument());
    expect(en).toContain('<title>$77,705.00 · ▼\u00a0−1.41% · Bitcoin · Marketcast</title>');
    expect(en).toContain('33.45');
  });

  test('tells of no figures without a number, and names the demo only on the server’s own machine', () => {
    const html = render(emptyTestDocument(), { isLoopback: true });
    expect(html).toContain('<title>Live crypto market · Marketcast</title>');
    expect(html).toContain('No figures yet. The server keeps trying.');
    expect(html).toContain('<code>npm run demo</code>');
    expect(html).not.toMatch(/NaN|undefined|>null</);
    expect(render(emptyTestDocument())).not.toContain('npm run demo');
  });

  test('carries theme and colours as attributes of the root', () => {
    const html = render(testDocument(), { theme: 'dark', colours: 'blue-orange' });
    expect(html).toContain('data-theme="dark"');
    expect(html).toContain('data-colours="blue-orange"');
    expect(html).toContain('<meta name="color-scheme" content="dark"');
    expect(html.match(/content="#0b0e13"/g)).toHaveLength(2);
  });

  test('obeys the strictest policy: no style attribute, no script in the page, no handler', () => {
    for (const document of [testDocument(), emptyTestDocument()]) {
      const html = render(document, { isLoopback: true });
      expect(html).not.toMatch(/<[^>]+\sstyle=/);
      expect(html).not.toMatch(/<[^>]+\son\w+=/);
      expect(html).not.toContain('<style');
      expect(html.match(/<script/g)).toHaveLength(2);
      expect(html).toContain('<script type="module" src="/assets/page-0.js"></script>');
    }
  });

  test('embeds exactly the document it was rendered from', () => {
    const embedded = embeddedIn(render(testDocument(), { language: 'vi', theme: 'light' }));
    expect(embedded.document).toEqual(testDocument());
    expect(embedded.position).toEqual({ epoch: 1_763_881_200_000, seq: 7 });
    expect(embedded.renderedAtMs).toBe(TEST_NOW_MS);
    expect(embedded.appVersion).toBe('1.2.3+0');
    expect([embedded.language, embedded.theme, embedded.colours]).toEqual([
      'vi',
      'light',
      'green-red',
    ]);
  });

  test('lets no text of an upstream leave its place', () => {
    const label = '</script><script>alert(1)</script>\u2028<!--';
    const html = render(applyPatch(testDocument(), { fng_label: label }));
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('<!--');
    expect(html).not.toContain('\u2028');
    expect(embeddedIn(html).document.fng_label).toBe(label);
  });

  test('gives absolute times in UTC, so that nothing depends on who renders it', () => {
    const html = render(testDocument());
    expect(html).toContain('<time datetime="2026-11-23T06:59:30Z">06:59 UTC</time>');
    expect(html).not.toMatch(/\d.(s|min|h) ago\b|just now/);
  });

  test('judges freshness by the time it is given', () => {
    const html = render(testDocument(), { nowMs: TEST_NOW_MS + 3_600_000 });
    expect(html).toContain('Out of date, ');
    expect(html).toContain('<title>(06:59 UTC) $77,705.00');
  });

  test('says that the data is simulated', () => {
    expect(render(testDocument({ simulated: true }))).toContain('Simulated data');
    expect(render(testDocument())).not.toContain('Simulated data');
  });

  test('has one heading of the first rank, landmarks and a way past the head', () => {
    const html = render(testDocument());
    expect(html.match(/<h1/g)).toHaveLength(1);
    for (const part of ['<header class="head"', '<main class="page" id="main"', '<footer']) {
      expect(html).toContain(part);
    }
    expect(html).toContain('<a class="skip" href="#main">');
  });
});
