/** All that is committed to a topic now. */
import { readTopic } from '../../infra/kafka/read-topic.ts';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { withAdmin } from '../../infra/kafka/topics.ts';
import type { Broker } from './broker.ts';

export interface Found {
  readonly partition: number;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export async function readAll(broker: Broker, topic: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  const take = async (partition: number, messages: Parameters<Parameters<typeof readTopic>[2]>[1]): Promise<void> => {
    for (const { key, value, headers } of messages) found.push({ partition, key: key?.toString() ?? '', value: Buffer.from(value ?? []), headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, said]) => [name, String(said)])) });
  };
  await readTopic(clientOf(broker), { topic, follow: false }, take, new AbortController().signal);
  return found;
}

/** Records in a topic; the ends of transactions are some too. */
export function sizeOf(broker: Broker, topic: string): Promise<number> {
  return withAdmin(clientOf(broker), async (admin) => (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0));
}

function clientOf(broker: Broker): Parameters<typeof readTopic>[0] {
  return kafkaClient({ ...broker.client, clientId: 'test' }, () => {});
}
