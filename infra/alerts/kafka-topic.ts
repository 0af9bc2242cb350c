/** Alerts to a topic of Kafka: the records that a pipeline over Kafka writes (schemas/avro/alert, single-object encoding). */
import type { Alert } from '../../schemas/decision.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { alertRecord } from '../../schemas/records-alert.ts';
import type { KafkaSettings } from '../kafka/client.ts';
import type { Outgoing } from '../kafka/partition-log.ts';
import type { Sink } from './types.ts';

export interface KafkaTopicSettings {
  readonly name: string;
  readonly topic: string;
  /** Asked when the sink connects, so that a secret can be changed under way. @throws SluiceError SLUICE_E_SECRET */
  readonly client: () => KafkaSettings;
  readonly timeoutMs: number;
}

interface Connection {
  send(alert: Alert): Promise<void>;
  close(): Promise<void>;
}

/**
 * Delivered is what all brokers of the topic's in-sync replicas have. One connection, made anew after a failure.
 * @param say is told what kafkajs complains of
 */
export function kafkaTopic({ name, topic, client, timeoutMs }: KafkaTopicSettings, say: (line: string) => void): Sink {
  let connection: Promise<Connection> | null = null;
  const leave = async (): Promise<void> => {
    const left = connection;
    connection = null;
    await left?.then((one) => one.close()).catch(() => {});
  };
  return {
    name,
    async deliver(alert: Alert, signal: AbortSignal): Promise<void> {
      const over = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      connection ??= connect(client(), topic, say);
      try {
        await Promise.race([connection.then((one) => one.send(alert)), ended(over)]);
      } catch (thrown) {
        // What still goes on must not hold up the next try, nor the end.
        void leave();
        throw over.aborted ? new SluiceError('SLUICE_E_SINK_FAILED', `Kafka did not take it within ${timeoutMs / 1000} s`) : failureOf(thrown);
      }
    },
    close: leave,
  };
}

/** Loads the client when it is needed: most pipelines over cameras have no Kafka. */
async function connect(settings: KafkaSettings, topic: string, say: (line: string) => void): Promise<Connection> {
  const [{ kafkaClient }, { openFeeder }, { openCodec }] = await Promise.all([import('../kafka/client.ts'), import('../kafka/feeder.ts'), import('../registry/codec.ts')]);
  const encode = await (await openCodec({ registry: null })).writer('alert', topic);
  const feeder = await openFeeder(kafkaClient(settings, say));
  // As over Kafka: alerts on the same cluster stay in order, whoever reads a partition.
  const recordOf = (alert: Alert): Outgoing => ({ topic, key: String(alert.cluster ?? alert.kind), value: encode(alertRecord(alert, 0)), headers: { '__sluice.event': alert.id } });
  return { send: (alert) => feeder.send([recordOf(alert)]), close: () => feeder.close() };
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(new Error('over'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

function failureOf(thrown: unknown): unknown {
  return thrown instanceof SluiceError && thrown.code !== 'SLUICE_E_INTERNAL' ? new SluiceError('SLUICE_E_SINK_FAILED', thrown.message, { cause: thrown }) : thrown;
}
