/** A pipeline file with topics of its own, and workers as a person starts them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uniqueName, type Broker } from './broker.ts';
import { jsonLines, sluice, start, until, type Running } from './cli.ts';
import { newFolder } from './folders.ts';

export interface PipelineFile {
  readonly file: string;
  /** A folder that its workers may read. */
  readonly root: string;
  readonly topics: Readonly<Record<'samples' | 'labels' | 'decisions' | 'dead', string>>;
}

export function writePipeline(broker: Broker, more = ''): PipelineFile {
  const folder = newFolder();
  const name = uniqueName('e2e');
  const root = join(folder, 'images');
  mkdirSync(root);
  const topics = { samples: `${name}-samples`, labels: `${name}-labels`, decisions: `${name}-decisions`, dead: `${name}-dead` };
  const file = join(folder, 'pipeline.yaml');
  writeFileSync(
    file,
    `name: ${name}
source:
  kafka:
    brokers: [${broker.brokers.map((address) => `'${address}'`).join(', ')}]
    topic: ${topics.samples}
    labels: ${topics.labels}
    session_timeout: 6s
sinks:
  kafka: { decisions: ${topics.decisions}, alerts: ${name}-alerts, clusters: ${name}-clusters, changelog: ${name}-changelog, dead: ${topics.dead}, replicas: 1 }
images: { roots: [images], attempts: 1 }
workers: 1
http: { port: 0 }
${more}`,
  );
  return { file, root, topics };
}

/** A worker, from when it is ready. */
export async function startWorker({ file }: PipelineFile): Promise<Running & { readonly url: string }> {
  const running = start(['run', file]);
  const url = await until('the worker to say where it is', () => /health and metrics at (\S+)/.exec(running.stderr())?.[1]);
  let ready = false;
  await until('the worker to be ready', () => {
    void fetch(`${url}/ready`).then(({ ok }) => (ready = ok), () => {});
    return ready;
  });
  return { ...running, url };
}

/** What the pipeline has decided: the lines of `sluice decisions --json`. */
export async function decisionsOf({ file }: PipelineFile): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await sluice('decisions', file, '--json');
  if (code !== 0) throw new Error(stderr);
  return jsonLines(stdout);
}
