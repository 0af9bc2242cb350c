/** `sluice produce PIPELINE.yaml SOURCE`: what a source holds into the samples topic, or its labels into the labels topic. */
import { openFeeder } from '../../infra/kafka/feeder.ts';
import { inputTopic, withAdmin } from '../../infra/kafka/topics.ts';
import { openFolders } from '../../infra/objects/file.ts';
import { openSource } from '../../infra/sources/open.ts';
import type { AnnotationFaults } from '../../schemas/annotations.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { closing } from '../closing.ts';
import type { PipelineConfig } from '../config/pipeline.ts';
import { readFps, readSize } from '../config/settings.ts';
import { produceAll } from '../produce/produce.ts';
import { labelsOf, samplesOf, type Make } from '../produce/records.ts';
import { ticker } from '../progress.ts';
import { interruption } from './interruption.ts';
import { connect, say, type Connected } from './with-kafka.ts';

export interface ProduceFlags {
  readonly format?: string;
  readonly root?: string;
  readonly labels?: string;
  readonly predictions?: string;
  readonly labelsOnly: boolean;
  readonly stream: string;
  readonly idPrefix: string;
  readonly fps?: string;
  readonly inlineLimit: string;
  readonly json: boolean;
}

/** Messages written, images by reference among them, entries that could not be sent, bytes of the messages. */
interface Count {
  sent: number;
  by_reference: number;
  bad: number;
  bytes: number;
}

export async function produceCommand(file: string, location: string, flags: ProduceFlags): Promise<void> {
  const inlineBytes = readSize('--inline-limit', flags.inlineLimit);
  const fps = readFps(flags.fps);
  const signal = interruption();
  const start = performance.now();
  const seconds = (): number => Math.round(performance.now() - start) / 1000;
  const count: Count = { sent: 0, by_reference: 0, bad: 0, bytes: 0 };
  const ended = await closing(async (later) => {
    const source = await openSource(location, { format: flags.format, root: flags.root, labels: flags.labels, predictions: flags.predictions, fps });
    later(() => source.close());
    const connected = await connect(file);
    const isReadable = rootedIn(connected.config);
    let outside = 0;
    const make = await maker(connected, flags, inlineBytes);
    const leftOut = new Map<string, number>();
    const leaveOut = (faults: readonly AnnotationFaults[]): void => faults.forEach(({ code, count: bad }) => leftOut.set(code, (leftOut.get(code) ?? 0) + bad));
    leaveOut(source.faults);
    const feeder = await openFeeder(connected.kafka);
    later(() => feeder.close());
    const line = ticker(process.stderr, () => `${count.sent}${source.total === null ? '' : ` of ${source.total}`} sent, ${(count.sent / Math.max(seconds(), 0.001)).toFixed(0)}/s`);
    const all = await produceAll(
      {
        source,
        make(sample, picture) {
          leaveOut(sample.faults ?? []);
          return make(sample, picture);
        },
        send: (messages) => feeder.send(messages),
        sent(messages) {
          for (const { value, refersTo } of messages) {
            count.sent += 1;
            count.bytes += value.length;
            if (refersTo === null) continue;
            count.by_reference += 1;
            if (!isReadable(refersTo)) outside += 1;
          }
          line.tick();
        },
        bad(id, error) {
          count.bad += 1;
          say(`not sent: ${id}: ${error.message} [${error.code}]`);
        },
      },
      signal,
    );
    line.end(count.sent > 0);
    for (const warning of source.warnings()) say(warning);
    for (const [code, bad] of leftOut) say(`${bad} ${bad === 1 ? 'annotation was' : 'annotations were'} left out [${code}]`);
    if (outside > 0) say(`${outside} of the images sent by reference lie in no folder of images.roots: a worker with this pipeline file will refuse them.`);
    return all;
  });
  if (flags.json) process.stdout.write(`${JSON.stringify({ ...count, seconds: seconds() })}\n`);
  else say(`${count.sent} messages sent, ${count.by_reference} by reference; ${count.bad} not sent`);
  if (!ended) throw new SluiceError('SLUICE_E_INTERRUPTED', 'the source was not sent to its end; what was sent is written, and workers skip what comes again');
}

async function maker({ config, kafka, codec }: Connected, { stream, idPrefix: prefix, labelsOnly }: ProduceFlags, inlineBytes: number): Promise<Make> {
  const { topic, labels } = config.source.kafka;
  const { changelog } = config.sinks.kafka;
  if (labelsOnly) {
    if (labels === undefined) throw new SluiceError('SLUICE_E_CONFIG_INVALID', 'the pipeline names no topic for label events (source.kafka.labels)');
    await withAdmin(kafka, (admin) => inputTopic(admin, labels, [topic, changelog]));
    return labelsOf(labels, { stream, prefix }, await codec.writer('label', labels));
  }
  const { largest: messageBytes } = await withAdmin(kafka, (admin) => inputTopic(admin, topic, [changelog, ...(labels === undefined ? [] : [labels])]));
  return samplesOf({ topic, stream, prefix, inlineBytes, messageBytes, fileBytes: config.images.max_bytes }, await codec.writer('sample', topic));
}

/** Whether a worker with this file may read what lies there. */
function rootedIn({ images }: PipelineConfig): (path: string) => boolean {
  const { folders } = openFolders(images.roots);
  return (path) => folders.some(({ given, real }) => path.startsWith(`${given}/`) || path.startsWith(`${real}/`));
}
