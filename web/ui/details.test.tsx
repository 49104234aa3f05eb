import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { Details } from './index.ts';

describe('details', () => {
  test('are behind a named button that opens them without a script, described by their note', () => {
    const html = renderToString(
      <Details id="more" label="Details of Ethereum" note={<p>Source: Kraken</p>}>
        high and low
      </Details>,
    );
    expect(html).toMatch(
      /<button [^>]*popovertarget="more"[^>]* aria-label="Details of Ethereum" aria-describedby="more-note"/,
    );
    expect(html).toContain('id="more" popover="auto">high and low');
    expect(html).toContain('<div id="more-note"><p>Source: Kraken</p></div>');
  });

  test('are described by nothing when they have no note', () => {
    const html = renderToString(
      <Details id="more" label="Details of Bitcoin price">
        prices
      </Details>,
    );
    expect(html).not.toContain('describedby');
    expect(html).not.toContain('more-note');
  });
});
