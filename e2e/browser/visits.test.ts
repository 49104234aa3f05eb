import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.end());

/** What is written down of a page in which `misbehave` happens. */
async function troublesOf(misbehave: (page: Page) => Promise<unknown>): Promise<string[]> {
  const page = await stage.visits.open(stage.server.url);
  await misbehave(page);
  // What the page does reaches the recorder in order, so whatever came before this is there.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  return stage.visits.end();
}

describe('the record that every test of the page is held to', () => {
  test('is empty for a page that is left alone', async () => {
    expect(await troublesOf(async () => {})).toEqual([]);
  });

  test('has what the page complains of', async () => {
    const troubles = await troublesOf((page) => page.evaluate('console.warn("a complaint")'));
    expect(troubles).toEqual(['a complaint']);
  });

  test('has errors that nobody caught', async () => {
    const troubles = await troublesOf((page) =>
      page.evaluate(() => {
        setTimeout(() => {
          throw new Error('nobody caught me');
        });
      }),
    );
    expect(troubles).toEqual(['uncaught: Error: nobody caught me']);
  });

  test('has breaches of the policy and requests to another origin', async () => {
    const elsewhere = 'http://127.0.0.1:9/elsewhere.png';
    const troubles = await troublesOf((page) =>
      page.evaluate((address) => {
        new Image().src = address;
      }, elsewhere),
    );
    expect(troubles).toContainEqual(expect.stringContaining('against the policy: img-src'));
    const outside = await troublesOf(async (page) => {
      const tab = await page.context().newPage();
      await tab.goto(elsewhere).catch(() => {});
    });
    expect(outside).toContain(`a request to another origin: ${elsewhere}`);
  });
});
