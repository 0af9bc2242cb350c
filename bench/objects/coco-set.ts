/** A COCO folder (annotations/instances_NAME.json, pictures in NAME/) as the benches use it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openCoco } from '../../infra/sources/coco.ts';
import type { Box, Sample } from '../../schemas/sample.ts';

const BATCH = 256;

export interface BoxedSample extends Sample {
  readonly label: readonly Box[];
}

/** NAME of each annotations/instances_NAME.json, sorted. */
export function partsOf(folder: string): readonly string[] {
  const names = readdirSync(join(folder, 'annotations')).flatMap((file) => /^instances_(.+)\.json$/.exec(file)?.[1] ?? []);
  if (names.length === 0) throw new Error(`${folder} holds no annotations/instances_NAME.json`);
  return names.sort();
}

export function annotationsOf(folder: string, part: string): string {
  return join(folder, 'annotations', `instances_${part}.json`);
}

/** In the order of the file. Ids are told apart by the part. @throws where one is bad in itself */
export async function* cocoSamples(folder: string, part: string): AsyncGenerator<BoxedSample> {
  const root = [join(folder, part), join(folder, 'images', part)].find((path) => existsSync(path)) ?? folder;
  const source = await openCoco(annotationsOf(folder, part), root);
  try {
    for (;;) {
      const entries = await source.next(BATCH);
      if (entries.length === 0) return;
      for (const entry of entries) {
        if ('error' in entry) throw entry.error;
        yield { ...entry.sample, id: `${part}/${entry.sample.id}`, label: boxesOf(entry.sample) };
      }
    }
  } finally {
    await source.close();
  }
}

/** What of an annotation the benches look at beyond its box. */
export interface Annotation {
  readonly segmentation?: unknown;
}

/** Of a sample, parallel to its boxes. */
export function annotationsIn({ origin }: Sample): readonly Annotation[] {
  return (JSON.parse(origin ?? '{"annotations":[]}') as { annotations: readonly Annotation[] }).annotations;
}

function boxesOf({ id, label }: Sample): readonly Box[] {
  if (label === null || typeof label === 'string') throw new Error(`${id} has no boxes`);
  return label;
}

/** All samples of one part. */
export async function samplesOf(folder: string, part: string): Promise<readonly BoxedSample[]> {
  const samples: BoxedSample[] = [];
  // What else the file holds of them is let go: of the whole of COCO it is half a gigabyte.
  for await (const sample of cocoSamples(folder, part)) samples.push({ ...sample, origin: null });
  return samples;
}

/** Of all parts, one after the other. */
export async function allSamples(folder: string): Promise<readonly BoxedSample[]> {
  const samples: BoxedSample[] = [];
  for (const part of partsOf(folder)) samples.push(...(await samplesOf(folder, part)));
  return samples;
}
