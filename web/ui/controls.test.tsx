import { describe, expect, test } from 'bun:test';
import { renderToString } from 'preact-render-to-string';
import { translator } from '../i18n/index.ts';
import {
  Chip,
  Gauge,
  IconButton,
  MAX_NOTICES,
  Notices,
  RSI_SEGMENTS,
  Segmented,
  Unavailable,
} from './index.ts';

const t = translator('en');
const nothing = () => {};

const segmented = (
  <Segmented
    label="Language"
    name="language"
    value="en"
    onChoose={nothing}
    options={[
      { value: 'vi', label: 'Tiếng Việt', short: 'VI', lang: 'vi' },
      { value: 'en', label: 'English', short: 'EN' },
    ]}
  />
);
const notices = (
  <Notices
    t={t}
    onDismiss={nothing}
    notices={['a', 'b', 'c', 'd'].map((id) => ({
      id,
      text: `notice ${id}`,
      action: { label: 'Reload', onPress: nothing },
    }))}
  />
);

describe('IconButton', () => {
  test('has a name and shows its key', () => {
    const html = renderToString(
      <IconButton icon="refresh" label="Refresh figures" shortcut="R" onPress={nothing} />,
    );
    expect(html).toContain('<button type="button"');
    expect(html).toContain('aria-label="Refresh figures" title="Refresh figures (R)"');
    expect(html).toContain('aria-keyshortcuts="R"');
    expect(html).not.toContain('aria-pressed');
  });

  test('says whether it stays down, in both positions', () => {
    const pressed = (isDown: boolean) =>
      renderToString(<IconButton icon="pause" label="Pause" pressed={isDown} onPress={nothing} />);
    expect(pressed(true)).toContain('aria-pressed="true"');
    expect(pressed(false)).toContain('aria-pressed="false"');
  });

  test('at work it keeps the focus and cannot be pressed', () => {
    const html = renderToString(<IconButton icon="refresh" label="R" busy onPress={nothing} />);
    expect(html).toContain('aria-disabled="true"');
    expect(html).not.toMatch(/ disabled/);
  });
});

describe('Segmented', () => {
  test('is a named group of real radio buttons with one choice', () => {
    const html = renderToString(segmented);
    expect(html).toContain('<legend class="hidden">Language</legend>');
    expect(html.match(/type="radio" name="language"/g)).toHaveLength(2);
    expect(html.match(/ checked/g)).toHaveLength(1);
    expect(html).toMatch(/value="en"[^>]* checked/);
    expect(html).toContain('lang="vi"');
  });

  test('the name that is spoken begins the words that are seen', () => {
    const html = renderToString(segmented);
    expect(html).toContain('aria-label="EN, English"');
    expect(html).toContain('<span class="segment">EN</span>');
  });
});

describe('Notices', () => {
  test('is one live region around a list, there even while it is empty', () => {
    expect(renderToString(<Notices t={t} notices={[]} onDismiss={nothing} />)).toBe(
      '<div class="notices" role="status" aria-label="Notices"><ul></ul></div>',
    );
  });

  test('shows the newest three, each with a button to dismiss it', () => {
    const html = renderToString(notices);
    expect(html.match(/<li/g)).toHaveLength(MAX_NOTICES);
    expect(html).not.toContain('notice a');
    expect(html).toContain('notice d');
    expect(html.match(/aria-label="Dismiss"/g)).toHaveLength(MAX_NOTICES);
    expect(html.match(/>Reload<\/button>/g)).toHaveLength(MAX_NOTICES);
  });
});

test('no part writes a style attribute or a handler into the markup', () => {
  const html = renderToString(
    <>
      {segmented}
      {notices}
      <Chip icon="warning">Simulated data</Chip>
      <IconButton icon="print" label="Print" onPress={nothing} />
      <Gauge value={33.45} segments={RSI_SEGMENTS} text="33.45" label="Neutral" description="RSI" />
      <Unavailable t={t} id="why" figure="RSI" reason="none" />
    </>,
  );
  expect(html).toContain('Simulated data');
  expect(html).not.toMatch(/\sstyle=/);
  expect(html).not.toMatch(/\son\w+=/);
});
