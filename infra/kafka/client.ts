/** A kafkajs client from plain settings. */
import type { Kafka as Client, KafkaConfig, LogEntry } from 'kafkajs';
import { Kafka, logLevel } from './kafkajs.ts';

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
}

/**
 * What kafkajs complains of though it is part of the day's work: a transaction right after another is told to try again, a group balances itself anew,
 * records are given their partition here, a producer that failed is thrown away, and what a broker or topic has just begun with is asked for again.
 */
const USUAL =
  /another concurrent operation on the same transaction|The group is rebalancing|switched default partitioner|Limiting retries for the idempotent producer|The coordinator is loading|The group coordinator is not available|This server does not host this topic-partition|There is no leader for this topic-partition/;

/** @param log is told what else kafkajs has to say from warnings up; its words hold no secrets */
export function kafkaClient({ brokers, clientId, ssl, sasl }: KafkaSettings, log: (line: string) => void): Client {
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    connectionTimeout: 3000,
    retry: { initialRetryTime: 100, maxRetryTime: 5000, retries: 8 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const line = lineOf(entry);
      if (!USUAL.test(line)) log(line);
    },
  });
}

function lineOf({ label, namespace, log }: LogEntry): string {
  const detail = typeof log['error'] === 'string' ? `: ${log['error']}` : '';
  return `kafka ${label.toLowerCase()} [${namespace}] ${log.message}${detail}`;
}
