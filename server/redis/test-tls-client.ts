/**
 * A node that reads once over TLS, as a process of its own: which authorities are believed is settled when a process
 * starts. Writes `read`, or why it could not.
 */

import { connectTestNode } from './test-redis.ts';

const [url = ''] = process.argv.slice(2);
/** A handshake takes milliseconds; a refusal as well. */
const TRIES = 40;
const BETWEEN_TRIES_MS = 50;

const { link, steps } = connectTestNode(url, 'token-a');
let outcome = '';
for (let count = 0; count < TRIES && outcome !== 'read'; count++) {
  outcome = await steps.read().then(
    () => 'read',
    (error: Error) => error.message,
  );
  // The first tries come before the connection.
  if (!/not connected yet/.test(outcome)) break;
  await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
}
process.stdout.write(outcome);
link.close();
