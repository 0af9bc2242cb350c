/** Images in a bucket, behind a server that speaks S3. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import type { DeadLetter } from '../../schemas/decision.ts';
import { jsonLines, sluice, start, stopped } from '../support/cli.ts';
import { newPlace, picture } from '../support/folders.ts';
import { cell } from '../unit/infra/formats/cell.ts';
import { startS3, type S3Server } from '../support/s3.ts';

const COUNT = 40;
const keyOf = (i: number): string => `raw/day 1/${String(i).padStart(3, '0')}${i % 2 === 0 ? '.jpg' : '.png'}`;

async function bytesOf(i: number): Promise<Buffer> {
  return i % 2 === 0 ? await picture(i) : await sharp(await picture(i)).png().toBuffer();
}

function found(out: string): { readonly decisions: readonly StoredDecision[]; readonly dead: readonly DeadLetter[] } {
  const reader = openReader(out);
  try {
    return { decisions: [...reader.decisions()], dead: [...reader.dead()] };
  } finally {
    reader.close();
  }
}

describe('a prefix of a bucket', { timeout: 120_000 }, () => {
  let s3: S3Server;
  const out = newPlace();
  const curate = (place: string, dir: string, ...more: readonly string[]): ReturnType<typeof sluice> => start(['curate', place, '--out', dir, '--json', '--no-report', ...more], { env: s3.env }).ended;

  beforeAll(async () => {
    s3 = await startS3();
    for (let i = 0; i < COUNT; i++) await s3.put(keyOf(i), await bytesOf(i));
    for (const [key, body] of [['raw/day 1/note.txt', 'x'], ['raw/day 1/.hidden.jpg', 'x'], ['raw/day 10.jpg', 'x'], ['raw/day 1/empty.jpg', ''], ['raw/day 1/zz.jpg', 'no image']] as const) await s3.put(key, body);
  }, 120_000);

  cell('s3', 'in images', async () => {
    const [summary] = jsonLines((await curate('s3://frames/raw/day 1', newPlace())).stdout);
    expect(summary).toMatchObject({ decided: COUNT, dead: 2, embedded: COUNT });
  });

  test('is curated as a folder is: in order, dead letters with their cause, admitted pictures kept with their own bytes and kind', async () => {
    const ended = await curate('s3://frames/raw', out, '--budget', '0.5');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('1 object of plainly another kind');
    const { decisions, dead } = found(out);
    expect(decisions.map(({ id }) => `raw/${id}`)).toEqual(Array.from({ length: COUNT }, (_, i) => keyOf(i)));
    expect(dead.map(({ id, code }) => [id, code])).toEqual([['day 1/empty.jpg', 'SLUICE_E_IMAGE_EMPTY'], ['day 1/zz.jpg', 'SLUICE_E_IMAGE_FORMAT'], ['day 10.jpg', 'SLUICE_E_IMAGE_FORMAT']]);
    const admitted = decisions.filter(({ verdict }) => verdict === 'admit');
    expect(admitted.length).toBeGreaterThan(8);
    for (const { id, uri, digest } of admitted) {
      const i = Number(/(\d{3})\./.exec(id)?.[1]);
      expect(uri).toBe(join(out, 'media', digest.slice(0, 2), `${digest}${i % 2 === 0 ? '.jpg' : '.png'}`));
      expect(createHash('sha256').update(readFileSync(uri)).digest('hex')).toBe(createHash('sha256').update(await bytesOf(i)).digest('hex'));
    }
    expect(decisions.find(({ verdict }) => verdict === 'reject')?.uri).toMatch(/^s3:\/\/frames\/raw\/day 1\//);
  });

  test('again: nothing is fetched or decided a second time, and what came since is', async () => {
    await s3.put('raw/day 2/a.jpg', await picture(COUNT + 1));
    const [summary] = jsonLines((await curate('s3://frames/raw/', out, '--budget', '0.5')).stdout);
    expect(summary).toMatchObject({ decided: COUNT + 1, embedded: 1, resumed_from: COUNT + 3 });
  });

  test('a rejected picture is fetched again when it is rescued', async () => {
    const rejected = found(out).decisions.find(({ verdict }) => verdict === 'reject');
    const ended = await start(['rescue', out, rejected?.id ?? '', '--json'], { env: s3.env }).ended;
    expect(JSON.parse(ended.stdout)).toMatchObject({ turned: 1, copied: 1, lost: [] });
    const now = found(out).decisions.find(({ id }) => id === rejected?.id);
    expect(createHash('sha256').update(readFileSync(now?.uri ?? '')).digest('hex')).toBe(rejected?.digest);
  });

  test('exports name the files that are kept', async () => {
    const { stdout } = await sluice('export', out, '--format', 'jsonl', '--to', '-');
    expect(jsonLines(stdout).every(({ uri }) => String(uri).startsWith(join(out, 'media')))).toBe(true);
    const coco = newPlace();
    expect((await sluice('export', out, '--format', 'coco', '--to', coco)).code).toBe(0);
    const { images } = JSON.parse(readFileSync(join(coco, 'annotations/instances.json'), 'utf8')) as { images: { file_name: string }[] };
    for (const { file_name: file } of images) expect(readFileSync(join(out, file)).length).toBeGreaterThan(0);
  });

  test('what is no bucket, an empty prefix and wrong options end before anything starts', async () => {
    for (const [place, cause] of [['s3://nobody/x', 'NoSuchBucket'], ['s3://frames/none', 'There is no image below s3://frames/none/'], ['s3:///x', 'names no bucket']] as const) {
      const dir = newPlace();
      const ended = await curate(place, dir);
      expect([ended.code, ended.stderr]).toEqual([78, expect.stringContaining(cause)]);
      expect(ended.stderr).toContain('SLUICE_E_SOURCE_UNKNOWN');
    }
    expect((await curate('s3://frames/raw', newPlace(), '--format', 'coco')).stderr).toContain('[SLUICE_E_SOURCE_UNKNOWN]');
  });

  test('without a region or credentials it says which are missing', async () => {
    const home = newPlace();
    const { AWS_REGION: _, ...nowhere } = s3.env;
    const bare = { AWS_ENDPOINT_URL_S3: s3.env['AWS_ENDPOINT_URL_S3'] ?? '', AWS_REGION: 'eu-central-1', AWS_EC2_METADATA_DISABLED: 'true', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    for (const [env, cause] of [[nowhere, 'no region is set (AWS_REGION'], [bare, 'no credentials were found (AWS_ACCESS_KEY_ID']] as const) {
      const ended = await start(['curate', 's3://frames/raw', '--out', newPlace()], { env, home }).ended;
      expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining(cause)]);
    }
  });

  test('a store that goes away ends the run and is no fault of a picture; the same command goes on', async () => {
    const dir = newPlace();
    const running = start(['curate', 's3://frames/raw', '--out', dir, '--no-report', '--batch', '4'], { env: s3.env, points: [{ at: 'embed', nth: 1, act: 'stop' }] });
    await stopped(running);
    await s3.kill();
    running.signal('SIGCONT', 'group');
    const ended = await running.ended;
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('[SLUICE_E_OBJECT_UNAVAILABLE]')]);
    const before = found(dir);
    expect(before.dead).toEqual([]);
    expect(before.decisions.length).toBeLessThan(COUNT);
    s3 = await startS3();
    for (let i = 0; i < COUNT; i++) await s3.put(keyOf(i), await bytesOf(i));
    expect((await curate('s3://frames/raw', dir)).code).toBe(0);
    const undisturbed = newPlace();
    expect((await curate('s3://frames/raw', undisturbed)).code).toBe(0);
    const verdicts = (place: string): unknown => found(place).decisions.map(({ id, verdict, score }) => [id, verdict, score]);
    expect(verdicts(dir)).toEqual(verdicts(undisturbed));
  });
});
