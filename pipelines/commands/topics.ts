/** `sluice topics PIPELINE.yaml --partitions N`: the topics of a pipeline, made where they are missing. */
import { inputsOf, makeInputs, prepareTopics, withAdmin } from '../../infra/kafka/topics.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { readWhole } from '../config/settings.ts';
import { replicasOf, topicsOf } from '../connect.ts';
import { connect, say } from './with-kafka.ts';

export interface TopicsFlags {
  readonly partitions: string;
}

const MOST_PARTITIONS = 10_000;

export async function topicsCommand(file: string, flags: TopicsFlags): Promise<void> {
  const wanted = readWhole('--partitions', flags.partitions, 1, MOST_PARTITIONS);
  const { config, kafka } = await connect(file);
  const topics = topicsOf(config);
  const partitions = await withAdmin(kafka, async (admin) => {
    await makeInputs(admin, inputsOf(topics), wanted, replicasOf(config));
    return await prepareTopics(admin, topics, replicasOf(config));
  });
  if (partitions !== wanted) throw new SluiceError('SLUICE_E_TOPICS', `The topic ${topics.samples} is there with ${partitions} partitions, not ${wanted}; the number cannot be changed: streams would part from their history.`);
  say(`${partitions} partitions each: ${Object.values(topics).join(', ')}`);
}
