/** The delivery of a pipeline's alerts, from its configuration. */
import { command } from '../../infra/alerts/command.ts';
import { kafkaTopic } from '../../infra/alerts/kafka-topic.ts';
import { jsonl, log } from '../../infra/alerts/lines.ts';
import type { KafkaSettings } from '../../infra/kafka/client.ts';
import type { Sink } from '../../infra/alerts/types.ts';
import { webhook } from '../../infra/alerts/webhook.ts';
import type { SqliteStore } from '../../infra/store/sqlite.ts';
import { uniform } from '../../operators/state/hash.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { SinkConfig } from '../config/alerts.ts';
import { loadSecret } from '../config/secret.ts';
import { loadSecurity } from '../config/secrets.ts';
import type { Environment } from '../config/yaml/variables.ts';
import { securityOf } from '../security.ts';
import { Delivery, type DeliveryEvents } from './delivery.ts';

export interface DeliverySettings {
  readonly config: { readonly alerts: readonly SinkConfig[]; readonly seed: number };
  readonly store: SqliteStore;
  readonly env: Environment;
  readonly events: DeliveryEvents;
  readonly say: (line: string) => void;
}

/** @throws SluiceError SLUICE_E_SECRET where one is not there, or DIR/alerts.db cannot be opened */
export function openDelivery({ config, store, env, events, say }: DeliverySettings): Delivery {
  const sinks = config.alerts.map((sink) => sinkOf(sink, env, say));
  let drawn = 0;
  return new Delivery({ dir: store.dir, outbox: store.outbox, sinks, events, say, now: Date.now, draw: () => uniform(config.seed, `alerts ${drawn++}`) });
}

function sinkOf(config: SinkConfig, env: Environment, say: (line: string) => void): Sink {
  const { name, log: logged, jsonl: file, kafka, webhook: hook, command: words, timeout: timeoutMs } = config;
  if (logged === true) return log(name, say);
  if (file !== undefined) return jsonl(name, file);
  if (kafka !== undefined) {
    const { brokers, topic, ...security } = kafka;
    const client = (): KafkaSettings => ({ brokers, clientId: name, ...securityOf(loadSecurity(`alerts.${name}.kafka`, security, env)) });
    // What is not there shows before anything starts.
    client();
    return kafkaTopic({ name, topic, client, timeoutMs }, say);
  }
  const [program, ...args] = words ?? [];
  if (program !== undefined) return command({ name, program, args, timeoutMs });
  if (hook === undefined) throw new SluiceError('SLUICE_E_INTERNAL', `the sink ${name} has no place`);
  const { url, secret: ref } = hook;
  if (ref === undefined) return webhook({ name, url, secret: null, timeoutMs }, Date.now);
  const secret = (): string => loadSecret(ref, env).reveal();
  // One that is not there shows before anything starts.
  secret();
  return webhook({ name, url, secret, timeoutMs }, Date.now);
}
