import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GROUND_TRUTH } from '../sources/fiftyone-sample.ts';
import type { Reader, StoredDecision } from '../store/types.ts';
import { inPixels } from './boxes.ts';
import { isoTime } from './jsonl.ts';
import { writeDataset, writeSmall } from './dataset.ts';
import type { LeftOut } from './left-out.ts';
import type { Media } from './media.ts';
import { Names } from './names.ts';
import { keptBy } from './origin.ts';
import { TextFile } from './output.ts';
import { selected } from './select.ts';
import type { Splits } from './splits.ts';
import type { FolderFormat, Selection } from './types.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * A data set that FiftyOne loads (`fo.Dataset.from_dir(DIR, fo.types.FiftyOneDataset)`): `metadata.json`, `samples.json`, and images below `data`. It is of the kind
 * without a version, whose fields FiftyOne finds out by itself, so that it fits every release. Verdict, reason, scores, stream and split are fields and
 * tags of a sample, suspicion and suggested class are attributes of a detection.
 */
export const fiftyone: FolderFormat = {
  name: 'fiftyone',
  kind: 'folder',
  write: (reader, selection, to, options) =>
    writeDataset(
      { name: 'fiftyone', entries: ['metadata.json', 'samples.json', 'data'], images: ['data'], fill: (made, media, leftOut) => fill(reader, selection, options.splits, made, media, leftOut) },
      reader, selection, to, options,
    ),
};

function fill(reader: Reader, selection: Selection, splits: Splits, made: string, media: Media, leftOut: LeftOut): void {
  mkdirSync(join(made, 'data'));
  const names = new Names('data', '');
  const file = new TextFile(join(made, 'samples.json'));
  try {
    let separator = '{"samples": [\n';
    for (const decision of selected(reader, selection)) {
      const path = join('data', names.take(decision.seq, decision.id.replace(/^data\//, ''), decision.uri).image);
      media.add(decision.uri, made, path);
      file.add(`${separator}${JSON.stringify(sampleOf(decision, reader.origin(decision.seq), path, splits(decision), leftOut))}`);
      separator = ',\n';
    }
    file.add(separator.startsWith('{') ? '{"samples": []}\n' : '\n]}\n');
    file.finish(true);
  } finally {
    file.close();
  }
  writeSmall(join(made, 'metadata.json'), `${JSON.stringify({ name: 'sluice', media_type: 'image', info: { made_by: 'sluice export' } })}\n`);
}

function sampleOf(decision: StoredDecision, origin: string | null, filepath: string, split: string | null, leftOut: LeftOut): Json {
  const { id, stream, time, verdict, review, reasons, score, novelty, cluster, share, suspicion, suspicionNow, quality } = decision;
  const came = (keptBy('fiftyone', origin) ?? null) as Json | null;
  const { tags = [], ...kept } = came ?? {};
  if (came === null) leftOut.addBeyond(origin, ['crowd flags']);
  const own = { sluice_id: id, stream, verdict, review, reason: reasons[0]?.code ?? null, score, novelty, cluster, share, suspicion, suspicion_now: suspicionNow, time: isoTime(time) };
  const labels = came === null ? labelsOf(decision, leftOut) : null;
  const tagged = [...new Set([...(Array.isArray(tags) ? (tags as unknown[]) : []), ...(split === null ? [] : [split]), ...(review ? ['review'] : [])])];
  const metadata = quality === null ? null : { _cls: 'ImageMetadata', size_bytes: null, mime_type: null, width: quality.width, height: quality.height, num_channels: 3 };
  return { ...(came === null ? { metadata } : {}), ...kept, ...own, ...(labels === null ? {} : { [GROUND_TRUTH]: labels }), filepath, tags: tagged, _media_type: 'image' };
}

function labelsOf({ label, quality, objects }: StoredDecision, leftOut: LeftOut): Json | null {
  if (label === null) return null;
  if (typeof label === 'string') return { _cls: 'Classification', tags: [], label };
  const detections = label.flatMap((box, index) => {
    const [width, height] = box.relative === true ? [1, 1] : [quality?.width ?? 0, quality?.height ?? 0];
    if (!(width > 0 && height > 0)) {
      leftOut.add('boxes of images whose size is not known');
      return [];
    }
    const { class: name, bbox: [x, y, w, h] } = box.relative === true ? box : inPixels(box, quality);
    const found = objects.find((object) => object.index === index);
    const told = found === undefined ? {} : { suspicion: found.suspicion, suggested: found.suggested };
    return [{ _cls: 'Detection', attributes: {}, tags: [], label: name, bounding_box: [x / width, y / height, w / width, h / height], ...(box.crowd === true ? { iscrowd: true } : {}), ...told }];
  });
  return { _cls: 'Detections', detections };
}
