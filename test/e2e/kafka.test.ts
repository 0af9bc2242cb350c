/** The commands round a worker, as a person calls them, over a real broker. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBroker, type Broker } from '../support/broker.ts';
import { jsonLines, sluice, start, until } from '../support/cli.ts';
import { newFolder, picture, writeCsv } from '../support/folders.ts';
import { oddFiles } from '../support/images.ts';
import { readAll, sizeOf } from '../support/kafka-reader.ts';
import { decisionsOf, startWorker, writePipeline, type PipelineFile } from '../support/pipeline-run.ts';
import { makeClip } from '../support/video.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await startBroker();
}, 120_000);
afterAll(() => broker.stop());

const COUNT = 12;

/** Two cameras, one row without a file. */
async function writeSource(root: string): Promise<string> {
  for (let i = 0; i < COUNT; i++) writeFileSync(join(root, `${i}.jpg`), await picture(4 * i));
  const rows = Array.from({ length: COUNT }, (_, i) => [`${i}.jpg`, `camera-${i % 2}`, `2026-03-02T11:00:${String(i).padStart(2, '0')}Z`, i % 3 === 0 ? '' : `class ${i % 3}`]);
  return writeCsv([['path', 'stream', 'time', 'label'], ...rows, ['gone.jpg', 'camera-0', '', '']], join(root, 'stream.csv'));
}

/** Resolves when the topics together have so many records. */
async function filled(topics: readonly string[], count: number): Promise<void> {
  const sizes = async (): Promise<number> => (await Promise.all(topics.map((topic) => sizeOf(broker, topic)))).reduce((a, b) => a + b);
  for (let tries = 0; (await sizes()) < count; tries++) {
    if (tries > 300) throw new Error(`there were not ${count} records in time`);
    await sleep(100);
  }
}

async function settled(pipeline: PipelineFile, count: number): Promise<Record<string, unknown>[]> {
  for (let tries = 0; tries < 60; tries++) {
    if ((await readAll(broker, pipeline.topics.decisions)).length >= count) return await decisionsOf(pipeline);
    await sleep(200);
  }
  throw new Error(`there were not ${count} decisions in time`);
}

/** Decisions and dead letters. */
async function outcomes({ topics }: PipelineFile): Promise<number> {
  return (await Promise.all([topics.decisions, topics.dead].map((topic) => readAll(broker, topic)))).flat().length;
}

describe('produce', { timeout: 120_000 }, () => {
  test('leaves bad annotations out of the labels it sends, and tells how many', async () => {
    const pipeline = writePipeline(broker);
    writeFileSync(join(pipeline.root, 'a.jpg'), await picture(0));
    const box = { image_id: 1, category_id: 1, bbox: [0, 0, 5, 5] };
    const json = { images: [{ id: 1, file_name: 'a.jpg' }], categories: [{ id: 1, name: 'cat' }], annotations: [box, { ...box, category_id: 2 }, { ...box, category_id: 3 }, { ...box, image_id: 9 }] };
    const file = join(pipeline.root, 'set.json');
    writeFileSync(file, JSON.stringify(json));
    expect((await sluice('topics', pipeline.file, '--partitions', '1')).code).toBe(0);
    const { code, stdout, stderr } = await sluice('produce', pipeline.file, file, '--json');
    expect({ code, summary: JSON.parse(stdout) as unknown }).toMatchObject({ code: 0, summary: { sent: 1, bad: 0 } });
    expect(stderr).toContain('2 annotations were left out [SLUICE_E_ANNOTATION_CATEGORY]');
    expect(stderr).toContain('1 annotation was left out [SLUICE_E_ANNOTATION_IMAGE]');
    const worker = await startWorker(pipeline);
    expect(await settled(pipeline, 1)).toMatchObject([{ id: 'a.jpg', label: [{ class: 'cat', bbox: [0, 0, 5, 5] }] }]);
    worker.signal('SIGTERM', 'alone');
    expect((await worker.ended).code).toBe(0);
  });

  test('sends a source, tells of bad rows, and workers decide it; their decisions are lines of an export', async () => {
    const pipeline = writePipeline(broker);
    const csv = await writeSource(pipeline.root);
    expect(await sluice('produce', pipeline.file, csv)).toMatchObject({ code: 78, stderr: expect.stringContaining(`There is no topic ${pipeline.topics.samples}`) as string });
    expect((await sluice('topics', pipeline.file, '--partitions', '2')).code).toBe(0);
    const { code, stdout, stderr } = await sluice('produce', pipeline.file, csv, '--inline-limit', '4kB', '--id-prefix', 'day-1/', '--json');
    expect({ code, summary: JSON.parse(stdout) as unknown }).toMatchObject({ code: 0, summary: { sent: COUNT, bad: 1 } });
    expect(stderr).toMatch(/not sent: gone\.jpg: .*SLUICE_E_IMAGE_MISSING/);
    expect(stderr).not.toContain('images.roots');
    const { by_reference } = JSON.parse(stdout) as { by_reference: number };
    expect(by_reference).toBeGreaterThan(0);
    expect(by_reference).toBeLessThan(COUNT);

    const worker = await startWorker(pipeline);
    const lines = await settled(pipeline, COUNT);
    expect(lines.map(({ id }) => String(id)).sort()).toEqual(Array.from({ length: COUNT }, (_, i) => `day-1/${i}.jpg`).sort());
    for (const { id, stream, time, label, verdict, uri, partition } of lines) {
      const i = Number(/(\d+)\.jpg/.exec(String(id))?.[1]);
      expect({ stream, time, label }).toEqual({ stream: `camera-${i % 2}`, time: `2026-03-02T11:00:${String(i).padStart(2, '0')}.000Z`, label: i % 3 === 0 ? null : `class ${i % 3}` });
      expect(['admit', 'reject']).toContain(verdict);
      expect(String(uri)).toMatch(/^(file:\/\/|kafka:)/);
      expect([0, 1]).toContain(partition);
    }
    // In the order of the source, stream by stream: the key is the stream.
    const [first] = lines;
    expect(Object.keys(first ?? {})).toEqual(['id', 'uri', 'stream', 'time', 'seq', 'verdict', 'review', 'reasons', 'score', 'novelty', 'cluster', 'share', 'nearest', 'label', 'suspicion', 'suspicion_now', 'quality', 'split', 'partition']);
    for (const stream of ['camera-0', 'camera-1']) {
      const own = lines.filter((line) => line['stream'] === stream);
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      expect(own.map(({ time }) => String(time))).toEqual(own.map(({ time }) => String(time)).sort());
    }
    const text = await sluice('decisions', pipeline.file);
    expect(text.stdout.trimEnd().split('\n').every((line) => /^[01]\/\d+ {2}(admit|reject) {2}day-1\/\d+\.jpg \(\w+ /.test(line))).toBe(true);

    // The same once more is skipped; a follower sees what comes after.
    const follower = start(['decisions', pipeline.file, '--json', '--follow']);
    await sluice('produce', pipeline.file, csv, '--id-prefix', 'day-1/');
    await sluice('produce', pipeline.file, csv, '--id-prefix', 'day-2/', '--stream', 'elsewhere');
    await settled(pipeline, 2 * COUNT);
    expect(await (await fetch(`${worker.url}/metrics`)).text()).toMatch(new RegExp(`sluice_duplicates_skipped_total\\{[^}]*\\} ${COUNT}\n`));
    await until('the follower to see them all', () => jsonLines(follower.stdout()).length === 2 * COUNT);
    follower.signal('SIGINT', 'alone');
    expect((await follower.ended).code).toBe(0);
    worker.signal('SIGTERM', 'alone');
    expect((await worker.ended).code).toBe(0);
  });

  test('sends labels alone to the partitions of their streams', async () => {
    const pipeline = writePipeline(broker);
    const csv = await writeSource(pipeline.root);
    await sluice('topics', pipeline.file, '--partitions', '3');
    await sluice('produce', pipeline.file, csv);
    const { code, stdout } = await sluice('produce', pipeline.file, csv, '--labels-only', '--json');
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, sent: 8, bad: 1, by_reference: 0 });
    const samples = await readAll(broker, pipeline.topics.samples);
    const labels = await readAll(broker, pipeline.topics.labels);
    const partitionOf = new Map(samples.map(({ key, partition }) => [key, partition]));
    expect([...partitionOf.keys()].sort()).toEqual(['camera-0', 'camera-1']);
    expect(labels.length).toBe(8);
    for (const { key, partition } of labels) expect(partition).toBe(partitionOf.get(key));
  });

  test('what is sent can be forgotten by its id, whichever partition it went to', async () => {
    const pipeline = writePipeline(broker);
    const csv = await writeSource(pipeline.root);
    const refused = await sluice('forget', pipeline.file, '0.jpg', '--dry-run');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('a pipeline forgets items by their ids alone') as string });
    expect(await sluice('forget', pipeline.file, '0.jpg')).toMatchObject({ code: 78, stderr: expect.stringContaining(`There is no topic ${pipeline.topics.labels}`) as string });
    const cameras = fileURLToPath(new URL('../../examples/cameras.yaml', import.meta.url));
    expect(await sluice('forget', cameras, '0.jpg')).toMatchObject({ code: 78, stderr: expect.stringMatching(/is a pipeline over cameras, without Kafka: what it has decided is in .*examples\/run; give that folder/) as string });
    await sluice('topics', pipeline.file, '--partitions', '2');
    await sluice('produce', pipeline.file, csv);
    const worker = await startWorker(pipeline);
    await settled(pipeline, COUNT);
    const { code, stdout } = await sluice('forget', pipeline.file, '0.jpg', '1.jpg', '--json');
    expect({ code, ...(JSON.parse(stdout) as object) }).toEqual({ code: 0, sent: 2, partitions: 2 });
    const lines = await settled(pipeline, COUNT + 2);
    expect(lines.filter(({ forgotten }) => forgotten === true).map(({ id }) => String(id)).sort()).toEqual(['0.jpg', '1.jpg']);
    expect((await sluice('decisions', pipeline.file)).stdout.match(/^[01] {2}[01]\.jpg: forgotten$/gm)?.length).toBe(2);
    expect(await (await fetch(`${worker.url}/metrics`)).text()).toMatch(/sluice_label_events_total\{[^}]*outcome="forgotten"[^}]*\} 2\n/);
    worker.signal('SIGTERM', 'alone');
    expect((await worker.ended).code).toBe(0);
  });

  test('refuses what it cannot send, and ends well on Ctrl-C', async () => {
    const pipeline = writePipeline(broker);
    const folder = newFolder();
    expect(await sluice('produce', pipeline.file, folder, '--fps', '2')).toMatchObject({ code: 78, stderr: expect.stringContaining('--fps is for videos') as string });
    expect(await sluice('produce', pipeline.file, folder, '--inline-limit', '5')).toMatchObject({ code: 78, stderr: expect.stringContaining('expected a size') as string });
    await sluice('topics', pipeline.file, '--partitions', '1');
    expect(await sluice('topics', pipeline.file, '--partitions', '2')).toMatchObject({ code: 78, stderr: expect.stringContaining('cannot be changed') as string });
    writeFileSync(join(folder, '0.jpg'), 'no picture');
    const run = start(['produce', pipeline.file, writeCsv([['path'], ...Array.from({ length: 200_000 }, () => ['0.jpg'])], join(folder, 'many.csv')), '--json']);
    await filled([pipeline.topics.samples], 1);
    run.signal('SIGINT', 'alone');
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    const { sent } = JSON.parse(stdout) as { sent: number };
    expect(sent).toBeLessThan(200_000);
    expect(await sizeOf(broker, pipeline.topics.samples)).toBe(sent);
  });

  test('sends the frames of a video inline, and tells of those that are too large for it and of what is missing', async () => {
    const pipeline = writePipeline(broker);
    const clip = await makeClip(COUNT, { name: 'clip.avi' });
    await sluice('topics', pipeline.file, '--partitions', '1');
    const refused = await sluice('produce', pipeline.file, clip, '--inline-limit', '1kB', '--json');
    expect(JSON.parse(refused.stdout)).toMatchObject({ sent: 0, by_reference: 0, bad: COUNT });
    expect(refused.stderr).toMatch(/not sent: clip\.avi#t=0\.000: the frame has \d+ bytes, --inline-limit is 1000, and a frame of a video cannot be sent by reference: .*SLUICE_E_IMAGE_TOO_LARGE/);
    const { code, stdout } = await sluice('produce', pipeline.file, clip, '--stream', 'gate', '--json');
    expect({ code, summary: JSON.parse(stdout) as unknown }).toMatchObject({ code: 0, summary: { sent: COUNT, by_reference: 0, bad: 0 } });
    const film = join(newFolder(), 'film.mp4');
    writeFileSync(film, 'no film');
    expect(await sluice('produce', pipeline.file, film)).toMatchObject({ code: 0, stderr: expect.stringMatching(/not sent: film\.mp4: no frame could be decoded.*SLUICE_E_VIDEO_BROKEN/) as string });
    const worker = await startWorker(pipeline);
    const lines = await settled(pipeline, COUNT);
    expect(lines.map(({ id, stream }) => [id, stream])).toEqual(Array.from({ length: COUNT }, (_, i) => [`clip.avi#t=${(i / 5).toFixed(3)}`, 'gate']));
    worker.signal('SIGTERM', 'alone');
    expect((await worker.ended).code).toBe(0);
  });

  test('odd files go out as they are: what is no picture is a dead letter of the worker', async () => {
    const pipeline = writePipeline(broker);
    const odd = await oddFiles();
    for (const { name, bytes } of odd) writeFileSync(join(pipeline.root, name), bytes);
    await sluice('topics', pipeline.file, '--partitions', '1');
    const { stdout } = await sluice('produce', pipeline.file, pipeline.root, '--json');
    const { sent, bad } = JSON.parse(stdout) as { sent: number; bad: number };
    expect(sent + bad).toBe(odd.length);
    const worker = await startWorker(pipeline);
    for (let tries = 0; tries < 60 && (await outcomes(pipeline)) < sent; tries++) await sleep(200);
    expect(await outcomes(pipeline)).toBe(sent);
    worker.signal('SIGTERM', 'alone');
    expect((await worker.ended).code).toBe(0);
  });
});

describe('replay-dead', { timeout: 120_000 }, () => {
  test('gives a sample whose image was missing its verdict, once the image is there; and sends nothing twice', async () => {
    const pipeline = writePipeline(broker);
    const csv = await writeSource(pipeline.root);
    await sluice('topics', pipeline.file, '--partitions', '2');
    await sluice('produce', pipeline.file, csv, '--inline-limit', '0B');
    const lost = await picture(20);
    rmSync(join(pipeline.root, '5.jpg'));
    const worker = await startWorker(pipeline);
    expect((await settled(pipeline, COUNT - 1)).map(({ id }) => id)).not.toContain('5.jpg');
    await filled([pipeline.topics.dead], 1);
    const [original] = (await readAll(broker, pipeline.topics.samples)).filter(({ value }) => value.includes('/5.jpg'));

    const shown = await sluice('replay-dead', pipeline.file, '--dry-run', '--json');
    expect(jsonLines(shown.stdout)).toMatchObject([{ id: '5.jpg', code: 'SLUICE_E_OBJECT_MISSING', attempts: 0 }]);
    expect((await sluice('replay-dead', pipeline.file, '--code', 'SLUICE_E_IMAGE_EMPTY', '--json')).stdout).toBe('{"sent":0,"before":0,"given_up":0,"foreign":0}\n');
    // Still missing: dead once more, as another letter.
    expect((await sluice('replay-dead', pipeline.file, '--json')).stdout).toBe('{"sent":1,"before":0,"given_up":0,"foreign":0}\n');
    for (let tries = 0; tries < 60 && (await readAll(broker, pipeline.topics.dead)).length < 2; tries++) await sleep(200);
    expect(jsonLines((await sluice('replay-dead', pipeline.file, '--dry-run', '--json')).stdout)).toMatchObject([{ id: '5.jpg', attempts: 1 }]);
    expect((await sluice('replay-dead', pipeline.file, '--attempts', '1', '--json')).stdout).toBe('{"sent":0,"before":1,"given_up":1,"foreign":0}\n');

    writeFileSync(join(pipeline.root, '5.jpg'), lost);
    const both = await Promise.all([sluice('replay-dead', pipeline.file, '--json'), sluice('replay-dead', pipeline.file, '--code', 'SLUICE_E_OBJECT_MISSING', '--json')]);
    const sent = both.map(({ code, stdout }) => (code === 0 ? (JSON.parse(stdout) as { sent: number }).sent : 0));
    expect(sent.reduce((a, b) => a + b)).toBe(1);
    const lines = await settled(pipeline, COUNT);
    expect(lines.filter(({ id }) => id === '5.jpg')).toMatchObject([{ stream: 'camera-1' }]);
    expect((await sluice('replay-dead', pipeline.file, '--json')).stdout).toBe('{"sent":0,"before":2,"given_up":0,"foreign":0}\n');
    worker.signal('SIGTERM', 'alone');
    expect((await worker.ended).code).toBe(0);

    const again = (await readAll(broker, pipeline.topics.samples)).filter(({ value }) => value.includes('/5.jpg'));
    expect(again.map(({ headers }) => headers)).toEqual([{}, { '__sluice.attempt': '1' }, { '__sluice.attempt': '2' }]);
    for (const { key, value, partition } of again) expect({ key, value: value.toString('hex'), partition }).toEqual({ key: original?.key, value: original?.value.toString('hex'), partition: original?.partition });
    expect(new Set(lines.map(({ partition, seq }) => `${String(partition)}/${String(seq)}`)).size).toBe(COUNT);
  });
});
