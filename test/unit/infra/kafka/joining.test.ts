import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import '../../../../infra/kafka/kafkajs.ts';

interface Group {
  retrier: (attempt: (bail: (error: Error) => void) => Promise<void>) => Promise<void>;
  joinAndSync(): Promise<void>;
}

const require = createRequire(import.meta.url);
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup') as new (options: object) => Group;

/** A group whose attempts to join end so. */
function groupOf(...ends: readonly (string | null)[]): Group {
  const logger = { namespace: () => ({}) };
  const group = new ConsumerGroup({ logger, topics: [], assigners: [] });
  const left = [...ends];
  group.retrier = async () => {
    const type = left.shift() ?? null;
    if (type !== null) throw Object.assign(new Error(type), { type });
  };
  return group;
}

it('waits for a coordinator that is loading the group, and for nothing else', async () => {
  await expect(groupOf('GROUP_LOAD_IN_PROGRESS', 'GROUP_LOAD_IN_PROGRESS', null).joinAndSync()).resolves.toBeUndefined();
  await expect(groupOf('GROUP_AUTHORIZATION_FAILED', null).joinAndSync()).rejects.toThrow('GROUP_AUTHORIZATION_FAILED');
});
