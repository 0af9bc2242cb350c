/** A small data set on disk, and ways through exports and back. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exportTo, type ExportOptions } from '../../../../infra/sinks/export.ts';
import { openSource } from '../../../../infra/sources/open.ts';
import type { SourceOptions } from '../../../../infra/sources/types.ts';
import type { Decision } from '../../../../schemas/decision.ts';
import type { Sample } from '../../../../schemas/sample.ts';
import { drain, sampleAt } from '../sources/fixtures.ts';
import { type Part, storedReader } from '../sinks/made.ts';
import { temporaryFolder } from '../store/world.ts';

/** 640 x 480, as `decisionAt` says of its items. */
const SIZE = { width: 640, height: 480 };

/** Files that stand for images, with labels. @returns items as a run over them would have admitted them */
export function made(...labels: readonly Decision['label'][]): readonly Partial<Decision>[] {
  const root = temporaryFolder();
  return labels.map((label, i) => {
    const id = `set ${i % 2}/${String(i).padStart(3, '0')}.jpg`;
    const uri = join(root, id);
    mkdirSync(dirname(uri), { recursive: true });
    writeFileSync(uri, `image ${i}`);
    return { id, uri, label };
  });
}

/** What a source hands out, and what a run over it would leave: all that an export is made from. */
export async function imported(location: string, options: SourceOptions = {}): Promise<{ readonly samples: readonly Sample[]; readonly part: Part }> {
  const source = await openSource(location, options);
  const entries = await drain(source);
  const samples = entries.map((_, i) => sampleAt(entries, i));
  const items = samples.map(({ id, uri, stream, time, label, origin }): Partial<Decision> => ({ id, uri, stream, time, label, origin, quality: { brightness: 0.5, contrast: 0.2, sharpness: 0.1, ...SIZE } }));
  return { samples, part: { source: source.identity, ...(source.header === null ? {} : { header: source.header }), items } };
}

/** @returns where it lies, and what was told */
export async function exported(format: string, parts: readonly Part[], options: Partial<ExportOptions> = {}): Promise<{ readonly to: string; readonly warnings: readonly string[] }> {
  const to = options.to ?? join(temporaryFolder(), `made.${format}`);
  const warnings: string[] = [];
  await exportTo(storedReader(...parts), { format, to, verdict: 'all', ...options }, (text) => void warnings.push(text));
  return { to, warnings };
}

/** Labels by id, boxes in pixels of the image. */
export function labelsOf(samples: readonly Pick<Sample, 'id' | 'label'>[]): Readonly<Record<string, Sample['label']>> {
  return Object.fromEntries(samples.map(({ id, label }) => [id, label]));
}
