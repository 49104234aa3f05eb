import { expect, test } from 'bun:test';
import { redisKeys } from './keys.ts';

test('the keys are those of every database, and the channel that of one: Redis knows no databases there', () => {
  const { updates, ...keys } = redisKeys('p');
  expect(updates).toBe('{p}:updates');
  for (const db of [0, 1, 15]) {
    const { updates: channel, ...own } = redisKeys('p', db);
    expect(JSON.stringify(own)).toBe(JSON.stringify(keys));
    expect(own.budget('a')).toBe(keys.budget('a'));
    expect(channel).toBe(db === 0 ? '{p}:updates' : `{p}:updates:${db}`);
  }
});
