import { describe, expect, test } from 'bun:test';
import { rsiRoute } from './rsi.ts';
import { recording, served } from './test-recording.ts';

describe('/rsi', () => {
  test('sends the value with all its digits, out of a record around it too', () => {
    const body = '{"value":33.44840837091841}';
    expect(served(rsiRoute, recording(body), 0)).toBe(body);
    expect(served(rsiRoute, recording(`{"at":"then","response":${body}}`), 0)).toBe(body);
  });

  test('is one number', () => {
    for (const text of [
      '{"value":null}',
      '{"value":[51.2]}',
      '[{"value":1}]',
      '{"value":101}',
      '{"response":{}}',
    ]) {
      expect(rsiRoute.recognise(recording(text))).toBeNull();
    }
    expect(rsiRoute.recognise(recording('{"value":1,"value_classification":"Fear"}'))).toBeNull();
  });
});
