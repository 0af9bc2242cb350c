/**
 * `npm run bench:kafka -- FOLDER_OF_IMAGES --sharing DATA_SET`: the pipeline over Kafka, exactly once, with a broker of its own on this machine. Each line says its bound
 * (`--least-images`, `--least-rate`, `--most-recovery`, `--most-off`); exit 1 where one is not met.
 *
 * - Images: rate of a worker over messages that hold the folder's images, against that of `curate` over the folder, in turn.
 * - Messages that carry their embedding: decisions a second of one worker over one partition, from 10,000 admitted on, without labels and with them.
 * - Recovery: how long another worker takes the partition over that has 100,000 items logged.
 * - Fleet: by how many points four partitions on two workers stray beyond the contract of one budget, in the share of all and of every 2,000 consecutive decisions.
 * - With --sharing DATA_SET also what partitions gain by telling each other what they know (`bench:sharing`).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kafkaClient } from '../infra/kafka/client.ts';
import { openCodec } from '../infra/registry/codec.ts';
import type { SampleRecord } from '../schemas/records.ts';
import { vectorBytes } from '../schemas/records-vector.ts';
import { startBroker } from '../test/support/broker.ts';
import { BUDGET, fleetShares, MARGIN } from './kafka-fleet.ts';
import { samplesOf, Worker } from './kafka-worker.ts';
import { madeVectors } from './made-items.ts';

const number = (fallback: string): { type: 'string'; default: string } => ({ type: 'string', default: fallback });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'least-images': number('0.8'), 'least-rate': number('3000'), 'most-recovery': number('10'), 'most-off': number('2'), runs: number('3'), items: number('100000'), admitted: number('10000'), workers: number('2'), batch: number('256'), only: number('images,embeddings,fleet'), sharing: { type: 'string' } },
});
const [images] = positionals;
if (images === undefined) {
  process.stderr.write('usage: npm run bench:kafka -- FOLDER_OF_IMAGES [--sharing FOLDER_WITH_LABELS_CSV] [--only images,embeddings,fleet] [--runs 3] [--workers 2] [--batch 256] [--items 100000] [--least-images 0.8] [--least-rate 3000] [--most-recovery 10] [--most-off 2]\n');
  process.exit(2);
}
const cores = `${availableParallelism()} cores`;
const workers = Number(values.workers);
const batch = Number(values.batch);
const ADMITTED = Number(values.admitted);
const KINDS = 1100;
const CLASSES = 50;
/** Messages of a request of the producer: below a broker's default for the largest request. */
const REQUEST_BYTES = 800_000;

type Message = { readonly key: string; readonly value: Buffer };
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const broker = await startBroker();
const [address = ''] = broker.brokers;
const kafka = kafkaClient({ ...broker.client, clientId: 'bench' }, () => {});
const codec = await openCodec({ registry: null });
let good = true;

function judged(line: string, holds: boolean): void {
  console.log(`${line}; ${cores}${holds ? '' : ' (not within its bound)'}`);
  good &&= holds;
}

async function produce(topic: string, records: Iterable<SampleRecord>): Promise<number> {
  const encode = await codec.writer('sample', topic);
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  // It may be there.
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }], waitForLeaders: true });
  let waiting: Message[] = [];
  let [bytes, count] = [0, 0];
  const send = async (): Promise<void> => {
    await producer.send({ topic, messages: waiting.map(({ key, value }) => ({ key, value, partition: 0 })) });
    [waiting, bytes] = [[], 0];
  };
  for (const record of records) {
    const message = { key: record.id, value: encode(record) };
    if (waiting.length > 0 && bytes + message.value.length > REQUEST_BYTES) await send();
    waiting.push(message);
    bytes += message.value.length;
    count += 1;
  }
  await send();
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  return count;
}

const plain = { stream: 'default', time: null, image: null, label: null, predictions: null, embedding: null, origin: null };

function* imagesOf(from: string): Iterable<SampleRecord> {
  for (const id of readdirSync(from).sort()) yield { ...plain, id, image: { 'sluice.InlineImage': { bytes: readFileSync(join(from, id)) } } };
}

function* madeSamples(count: number): Iterable<SampleRecord> {
  const vectorOf = madeVectors(KINDS);
  for (let i = 0; i < count; i++) yield { ...plain, id: `item-${i}`, label: JSON.stringify(`class ${(i % KINDS) % CLASSES}`), embedding: vectorBytes(vectorOf(i)) };
}

const worker = (name: string, reveal: string): Worker => new Worker({ folder, broker: address, name, reveal, workers, batch });

/** Images a second of `curate`, from the first handed out to the last commit. */
async function embeddedRate(run: number): Promise<number> {
  const cli = fileURLToPath(new URL('../pipelines/cli.ts', import.meta.url));
  const child = spawn(process.execPath, [cli, 'curate', images ?? '', '--out', join(folder, `out-${run}`), '--workers', values.workers, '--no-report', '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`curate ended with ${String(code)}`);
  const { decided, seconds } = JSON.parse(output) as { readonly decided: number; readonly seconds: number };
  return decided / seconds;
}

/** Images a second of a worker over Kafka, from the first commit that is seen to the last. */
async function kafkaRate(run: number): Promise<number> {
  const name = `images-${run}`;
  const count = await produce(samplesOf(name), imagesOf(images ?? ''));
  const one = worker(name, 'all');
  const first = await one.until(({ decided }) => decided > 0);
  const last = await one.until(({ decided }) => decided >= count);
  await one.stop();
  return ((last.decided - first.decided) / (last.at - first.at)) * 1000;
}

async function imagesAgainstEmbedded(): Promise<void> {
  const ratios: number[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const [alone, overKafka] = [await embeddedRate(run), await kafkaRate(run)];
    ratios.push(overKafka / alone);
    console.log(`images, run ${run + 1}: curate ${alone.toFixed(0)}/s, over Kafka ${overKafka.toFixed(0)}/s, ratio ${(overKafka / alone).toFixed(3)}`);
  }
  const ratio = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? NaN;
  judged(`images: median ratio Kafka / curate ${ratio.toFixed(3)}, bound ${values['least-images']} at least, ${workers} embedding threads`, ratio >= Number(values['least-images']));
}

/** Decisions a second from 10,000 admitted on, and the fewest clusters, live and cold, of both ends. */
async function embeddingRate(name: string, reveal: string, count: number): Promise<{ readonly rate: number; readonly clusters: number }> {
  const one = worker(name, reveal);
  const first = await one.until(({ admitted }) => admitted >= ADMITTED);
  const last = await one.until(({ decided }) => decided >= count);
  await one.stop();
  return { rate: ((last.decided - first.decided) / (last.at - first.at)) * 1000, clusters: Math.min(first.clusters, last.clusters) };
}

async function embeddings(): Promise<void> {
  const count = Number(values.items);
  await produce(samplesOf('unlabelled'), madeSamples(count));
  const { rate, clusters } = await embeddingRate('unlabelled', 'never', count);
  judged(`embeddings, no labels: ${rate.toFixed(0)} decisions/s from ${ADMITTED} admitted to ${count} decided, ${clusters} clusters, batches of ${batch}, bound ${values['least-rate']} at least`, rate >= Number(values['least-rate']));
  // A partition is taken over when the first of its messages comes.
  await produce(samplesOf('unlabelled'), madeSamples(1));
  const other = worker('unlabelled', 'never');
  const seconds = Number(await other.said(/taken over with \d+ decisions, in ([\d.]+) s/));
  await other.stop();
  judged(`recovery: ${seconds.toFixed(1)} s to take ${count} logged items over, bound ${values['most-recovery']} s at most`, seconds < Number(values['most-recovery']));
  for (const reveal of ['admitted:200', 'all']) {
    const name = `labelled-${reveal.replace(':', '-')}`;
    const fewer = Math.min(count, 60_000);
    await produce(samplesOf(name), madeSamples(fewer));
    const labelled = await embeddingRate(name, reveal, fewer);
    console.log(`embeddings, labels ${reveal}: ${labelled.rate.toFixed(0)} decisions/s from ${ADMITTED} admitted to ${fewer} decided, ${labelled.clusters} clusters, batches of ${batch}; ${cores}`);
  }
}

async function fleet(): Promise<void> {
  for (let seed = 1; seed <= Number(values.runs); seed++) {
    const { all, least, most } = await fleetShares(broker, seed);
    const beyond = 100 * Math.max(0, BUDGET - MARGIN - least, most - BUDGET - MARGIN);
    const [whole, low, high] = [all, least, most].map((share) => (100 * share).toFixed(1));
    judged(`fleet, seed ${seed}: ${whole} % admitted, ${low} to ${high} % in windows of 2,000, of ${100 * (BUDGET - MARGIN)} to ${100 * (BUDGET + MARGIN)} %: ${beyond.toFixed(1)} points beyond at most, bound ${values['most-off']} at most`, beyond <= Number(values['most-off']));
  }
}

/** In a process of its own, whose lines are ours. */
async function sharing(dataSet: string): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('sharing.ts', import.meta.url)), dataSet], { stdio: 'inherit' });
  const code = await new Promise((resolve) => child.once('close', resolve));
  judged('sharing: as above', code === 0);
}

try {
  if (values.only.includes('images')) await imagesAgainstEmbedded();
  if (values.only.includes('embeddings')) await embeddings();
  if (values.only.includes('fleet')) await fleet();
  if (values.sharing !== undefined) await sharing(values.sharing);
} finally {
  await broker.stop();
  rmSync(folder, { recursive: true });
}
if (!good) process.exitCode = 1;
