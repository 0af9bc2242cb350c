import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Reader, StoredDecision } from '../store/types.ts';
import { cocoText, lackedByCoco } from './coco-text.ts';
import { writeDataset } from './dataset.ts';
import type { LeftOut } from './left-out.ts';
import type { Media } from './media.ts';
import { Names } from './names.ts';
import { writeFile } from './output.ts';
import { selected } from './select.ts';
import { SPLITS, type Splits } from './splits.ts';
import type { FolderFormat, Selection } from './types.ts';

/** COCO with its images below `images`, which `file_name` is relative to: `annotations/instances.json`, or `instances_train.json` and so on where there are splits. */
export const cocoFolder: FolderFormat = {
  name: 'coco',
  kind: 'folder',
  write: (reader, selection, to, options) =>
    writeDataset({ name: 'coco', entries: ['annotations', 'images'], images: ['images'], fill: (made, media, leftOut) => fill(reader, selection, options.splits, made, media, leftOut) }, reader, selection, to, options),
};

function fill(reader: Reader, selection: Selection, splits: Splits, made: string, media: Media, leftOut: LeftOut): void {
  for (const folder of ['annotations', 'images']) mkdirSync(join(made, folder));
  const names = new Names('', '');
  const nameOf = new Map<number, string>();
  const used = new Set<string | null>();
  for (const decision of selected(reader, selection)) {
    const { image } = names.take(decision.seq, decision.id, decision.uri);
    nameOf.set(decision.seq, image);
    media.add(decision.uri, made, join('images', image));
    used.add(splits(decision));
    lackedByCoco(decision, reader.origin(decision.seq), leftOut);
  }
  for (const split of [null, ...SPLITS]) {
    if (!used.has(split) && (split !== null || used.size > 0)) continue;
    const part: Reader = { ...reader, decisions: (verdict) => only(reader.decisions(verdict), (decision) => splits(decision) === split) };
    writeFile(join(made, 'annotations', `instances${split === null ? '' : `_${split}`}.json`), cocoText(part, selection, ({ seq }) => nameOf.get(seq) ?? null));
  }
}

function* only(decisions: Iterable<StoredDecision>, test: (decision: StoredDecision) => boolean): Generator<StoredDecision> {
  for (const decision of decisions) if (test(decision)) yield decision;
}
