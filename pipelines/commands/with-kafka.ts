import type { Kafka } from 'kafkajs';
import type { Codec } from '../../infra/registry/codec.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { readAnyPipeline } from '../config/kinds.ts';
import type { PipelineConfig } from '../config/pipeline.ts';
import { loadSecrets } from '../config/secrets.ts';
import { codecOf, kafkaOf } from '../connect.ts';
import { printable } from './printable.ts';

export interface Connected {
  readonly config: PipelineConfig;
  readonly kafka: Kafka;
  readonly codec: Codec;
}

/** To whoever looks: a line on stderr. */
export function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** What a pipeline file leads to. @throws SluiceError SLUICE_E_CONFIG_INVALID, SLUICE_E_SECRET, SLUICE_E_REGISTRY_… */
export async function connect(file: string): Promise<Connected> {
  const { kafka: config, cameras } = readAnyPipeline(file, process.env);
  if (config === undefined) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `${file} is a pipeline over cameras, without Kafka: what it has decided is in ${cameras.out}; give that folder to the commands that read one, such as explain and forget`);
  const secrets = loadSecrets(config, process.env);
  return { config, kafka: kafkaOf(config, secrets, say), codec: await codecOf(config, secrets) };
}
