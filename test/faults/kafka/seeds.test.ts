/** Three seeds of the fault suite; `npm run test:faults` runs as many as one likes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBroker, type Broker } from '../../support/broker.ts';
import { runSeed } from './scenario.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

test.each([1, 2, 3])('seed %i', { timeout: 180_000 }, async (seed) => {
  const { violations, log } = await runSeed(seed, broker);
  expect(violations, log).toEqual([]);
});
