/** Orders in which the train rows of a data set arrive, drawn by a seed. */
import type { EmbeddedSet } from './embeddings.ts';
import type { StreamItem } from './engine-run.ts';
import { shuffled } from './random.ts';

const CAMERAS = 4;

/** Rows of one part of the official split. */
export function rowsOf(set: EmbeddedSet, split: 'train' | 'test'): readonly number[] {
  const splits = set.columns['split'] ?? [];
  return set.paths.flatMap((_, i) => (splits[i] === split ? [i] : []));
}

/** The rows shuffled. */
export function shuffledStream(rows: readonly number[], classes: readonly string[], seed: number): StreamItem[] {
  return [...shuffled(rows.length, seed)].map((k) => item(rows[k] as number, classes));
}

/** Tracks shuffled and dealt to cameras, whose frames interleave: one frame of each camera in turn, a camera's tracks one after the other. */
export function trackStream(set: EmbeddedSet, rows: readonly number[], classes: readonly string[], seed: number): StreamItem[] {
  const tracks = new Map<string, number[]>();
  for (const row of rows) {
    const track = set.columns['track']?.[row] ?? '';
    const frames = tracks.get(track);
    if (frames === undefined) tracks.set(track, [row]);
    else frames.push(row);
  }
  const dealt = [...tracks.values()];
  const cameras = Array.from({ length: CAMERAS }, (): number[] => []);
  shuffled(dealt.length, seed).forEach((t, i) => cameras[i % CAMERAS]?.push(...(dealt[t] ?? [])));
  const longest = Math.max(...cameras.map((frames) => frames.length));
  return Array.from({ length: longest }, (_, i) => cameras.flatMap((frames, c) => (i < frames.length ? [{ ...item(frames[i] as number, classes), stream: `camera ${c}` }] : []))).flat();
}

function item(row: number, classes: readonly string[]): StreamItem {
  return { row, label: classes[row] ?? null };
}
