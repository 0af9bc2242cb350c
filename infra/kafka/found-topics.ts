/** Topics as they are found on the broker. */
import type { Admin } from 'kafkajs';
import { ConfigResourceTypes } from './kafkajs.ts';

const POLICY = 'cleanup.policy';
export const LARGEST = 'max.message.bytes';

export interface Found {
  readonly partitions: number;
  readonly policy: string;
  /** Bytes of a message, at most. */
  readonly largest: number;
}

/** @param names of topics that are there */
export async function findTopics(admin: Admin, names: readonly string[]): Promise<ReadonlyMap<string, Found>> {
  if (names.length === 0) return new Map();
  const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
  const partitions = new Map(topics.map((topic) => [topic.name, topic.partitions.length]));
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: [POLICY, LARGEST] })) });
  return new Map(
    resources.map(({ resourceName, configEntries }) => {
      const config = new Map(configEntries.map(({ configName, configValue }) => [configName, configValue]));
      return [resourceName, { partitions: partitions.get(resourceName) ?? 0, policy: config.get(POLICY) ?? '', largest: Number(config.get(LARGEST)) }];
    }),
  );
}
