/** A kafkajs client from plain settings. */
import { Kafka, logLevel, type KafkaConfig, type LogEntry } from 'kafkajs';

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
}

/** @param log is told what kafkajs has to say from warnings up; its words hold no secrets */
export function kafkaClient({ brokers, clientId, ssl, sasl }: KafkaSettings, log: (line: string) => void): Kafka {
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    connectionTimeout: 3000,
    retry: { initialRetryTime: 100, maxRetryTime: 5000, retries: 8 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => log(lineOf(entry)),
  });
}

function lineOf({ label, namespace, log }: LogEntry): string {
  const detail = typeof log['error'] === 'string' ? `: ${log['error']}` : '';
  return `kafka ${label.toLowerCase()} [${namespace}] ${log.message}${detail}`;
}
