/** Sends into input topics: in order, each record to the partition of its key, no more than one request under way. */
import type { Kafka } from 'kafkajs';
import { kafkaError } from './failure.ts';
import { plainProducer, requests, type Outgoing } from './partition-log.ts';
import { CLOSE_MS, within } from './within.ts';

export interface Feeder {
  /** Resolves when the brokers have them all. @throws SluiceError SLUICE_E_KAFKA… */
  send(records: readonly Outgoing[]): Promise<void>;
  close(): Promise<void>;
}

/** @throws SluiceError SLUICE_E_KAFKA… */
export async function openFeeder(kafka: Kafka): Promise<Feeder> {
  const producer = plainProducer(kafka);
  try {
    await producer.connect();
  } catch (thrown) {
    await within(CLOSE_MS, producer.disconnect());
    throw kafkaError(thrown);
  }
  return {
    async send(records) {
      try {
        for (const topicMessages of requests(records, null)) await producer.sendBatch({ topicMessages });
      } catch (thrown) {
        throw kafkaError(thrown);
      }
    },
    close: () => within(CLOSE_MS, producer.disconnect()),
  };
}
