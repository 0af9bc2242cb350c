import { expect, test } from 'vitest';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { startBroker } from '../support/broker.ts';

test('a client that was disconnected does not connect again for what still asks', async () => {
  const broker = await startBroker();
  try {
    const admin = kafkaClient({ brokers: broker.brokers, clientId: 'late' }, () => {}).admin();
    await admin.connect();
    await admin.listTopics();
    await admin.disconnect();
    await expect(admin.listTopics()).rejects.toThrow('The client was disconnected');
  } finally {
    await broker.stop();
  }
});
