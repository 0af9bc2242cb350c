/** `sluice forget PIPELINE.yaml ID…`: tells the workers, by label events. */
import { openFeeder } from '../../infra/kafka/feeder.ts';
import { inputTopic, withAdmin } from '../../infra/kafka/topics.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { say, connect } from './with-kafka.ts';

/** Nobody here knows which partition an item was decided in: each is told, and what knows nothing of it has nothing to do. */
export async function forgetStreamed(file: string, ids: readonly string[], json: boolean): Promise<void> {
  const { config, kafka, codec } = await connect(file);
  const { topic: samples, labels: topic } = config.source.kafka;
  if (topic === undefined) throw new SluiceError('SLUICE_E_CONFIG_INVALID', 'the pipeline names no topic for label events (source.kafka.labels), by which workers are told');
  const { partitions } = await withAdmin(kafka, (admin) => inputTopic(admin, topic, [samples, config.sinks.kafka.changelog]));
  const encode = await codec.writer('label', topic);
  const feeder = await openFeeder(kafka);
  try {
    await feeder.send(ids.flatMap((id) => {
      const value = encode({ id, stream: 'default', label: '', time: null, forget: true });
      return Array.from({ length: partitions }, (_, partition) => ({ topic, key: id, value, partition }));
    }));
  } finally {
    await feeder.close();
  }
  if (json) process.stdout.write(`${JSON.stringify({ sent: ids.length, partitions })}\n`);
  else say(`${ids.length} ${ids.length === 1 ? 'id' : 'ids'} sent to all ${partitions} partitions of ${topic}: workers forget them when they come to it, and say so in the topic ${config.sinks.kafka.decisions}`);
}
