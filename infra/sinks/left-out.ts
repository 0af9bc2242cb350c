/** What an export's format cannot hold: counted by kind and told at its end, so that nothing is dropped in silence. */
import type { CvatOrigin } from '../sources/cvat.ts';
import type { WebDatasetOrigin } from '../sources/webdataset-sample.ts';
import type { Label } from '../../schemas/sample.ts';
import { readXml, type Element } from '../xml/read.ts';
import type { Tree } from '../xml/tree.ts';
import { readOrigin, type Fields } from './coco-parts.ts';
import type { Outlines } from './outlines.ts';

/** More numbers than a box has, in a line of YOLO. */
export const POLYGONS_OR_KEYPOINTS = 'polygons or keypoints';

export class LeftOut {
  readonly #counts = new Map<string, number>();

  add(kind: string, count = 1): void {
    if (count > 0) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  /** Adds what an item has beyond boxes with a class, but for the kinds that the format holds. */
  addBeyond(origin: string | null, held: readonly string[] = []): void {
    for (const kind of beyondBoxes(origin)) if (!held.includes(kind)) this.add(kind);
  }

  /** The same for a format that has of a label its classes and boxes alone. */
  addBeyondBoxes(label: Label, origin: string | null): void {
    this.addBeyond(origin);
    // Those of an origin are counted with what else it has.
    if (origin === null && Array.isArray(label)) this.add('crowd flags', label.filter(({ crowd }) => crowd === true).length);
  }

  /** The same for a format that holds polygons. @param lost those that no box has */
  addBeyondPolygons(origin: string | null, { lost, kind }: Outlines, held: readonly string[] = []): void {
    this.addBeyond(origin, ['polygons', POLYGONS_OR_KEYPOINTS, ...held]);
    this.add(kind, lost);
  }

  /** A sentence, or none. */
  warnings(format: string): readonly string[] {
    if (this.#counts.size === 0) return [];
    const kinds = [...this.#counts].map(([kind, count]) => `${kind} (${count})`);
    return [`left out, since ${format} does not hold it: ${kinds.join(', ')}.`];
  }
}

/** One name for each thing that is more than a class and a box, whatever format it came in. */
function beyondBoxes(origin: string | null): readonly string[] {
  if (origin === null) return [];
  const coco = readOrigin(origin);
  if (coco !== null) return (coco.annotations ?? []).flatMap(beyondCoco);
  const parsed: unknown = JSON.parse(origin);
  if (typeof parsed !== 'object' || parsed === null) return [];
  if ('webdataset' in parsed) return Array.from({ length: (parsed as WebDatasetOrigin).webdataset.others }, () => 'members of shards');
  if ('fiftyone' in parsed) return beyondSample(parsed.fiftyone as Fields);
  if ('label_studio' in parsed) return beyondTask(parsed.label_studio);
  if ('cvat' in parsed) return ((parsed as CvatOrigin).cvat.children ?? []).flatMap(beyondCvat);
  if ('voc' in parsed && typeof parsed.voc === 'string') return readXml(parsed.voc).elements.flatMap(beyondVoc);
  if ('names' in parsed && 'text' in parsed && typeof parsed.text === 'string') return parsed.text.split('\n').flatMap((line) => (line.trim().split(/\s+/).length > 5 ? [POLYGONS_OR_KEYPOINTS] : []));
  return [];
}

const COCO_PLAIN: ReadonlySet<string> = new Set(['id', 'image_id', 'category_id', 'bbox', 'area', 'segmentation', 'iscrowd', 'keypoints', 'num_keypoints']);

function beyondCoco({ segmentation, iscrowd, keypoints, ...rest }: Fields): string[] {
  const found: string[] = [];
  if (Array.isArray(segmentation)) found.push(...segmentation.map(() => 'polygons'));
  else if (typeof segmentation === 'object' && segmentation !== null) found.push('masks');
  if (iscrowd === 1 || iscrowd === true) found.push('crowd flags');
  if (Array.isArray(keypoints) && keypoints.length > 0) found.push('keypoints');
  return [...found, ...Object.keys(rest).filter((key) => !COCO_PLAIN.has(key)).map(() => 'attributes')];
}

const REGIONS: Readonly<Record<string, string>> = { polygonlabels: 'polygons', brushlabels: 'masks', keypointlabels: 'keypoints', ellipselabels: 'other shapes' };

function beyondTask(task: unknown): string[] {
  const { annotations = [] } = task as { readonly annotations?: readonly { readonly result?: readonly { readonly type?: string }[] }[] };
  const results = annotations.flatMap(({ result }) => result ?? []);
  const further = annotations.slice(1).map(() => 'further annotations');
  return [...further, ...results.flatMap(({ type = '' }) => (type === 'rectanglelabels' || type === 'choices' ? [] : [REGIONS[type] ?? 'attributes']))];
}

/** What FiftyOne, or an export of ours, writes of every sample. */
const SAMPLE_PLAIN: ReadonlySet<string> = new Set(['filepath', 'metadata', 'tags', 'created_at', 'last_modified_at', 'ground_truth', 'sluice_id', 'stream', 'time', 'verdict', 'review', 'reason', 'score', 'novelty', 'cluster', 'share', 'suspicion', 'suspicion_now']);

function beyondSample({ ground_truth: labels, ...sample }: Fields): string[] {
  const fields = Object.keys(sample).filter((key) => !key.startsWith('_') && !SAMPLE_PLAIN.has(key) && sample[key] !== null);
  const { detections = [], polylines = [] } = (labels ?? {}) as { readonly detections?: readonly Fields[]; readonly polylines?: readonly unknown[] };
  return [...fields.map(() => 'fields of samples'), ...polylines.map(() => 'polygons'), ...detections.flatMap(({ mask }) => (mask === undefined || mask === null ? [] : ['masks']))];
}

const CVAT_PLAIN: ReadonlySet<string> = new Set(['label', 'source', 'xtl', 'ytl', 'xbr', 'ybr', 'z_order']);

function beyondCvat({ name, attributes = {}, children = [] }: Tree): string[] {
  if (name === 'tag') return [];
  const shape = name === 'box' ? [] : name === 'polygon' ? ['polygons'] : name === 'mask' ? ['masks'] : ['other shapes'];
  const own = Object.keys(attributes).filter((key) => name === 'box' && !CVAT_PLAIN.has(key) && !(key === 'occluded' && attributes[key] === '0'));
  return [...shape, ...[...own, ...children].map(() => 'attributes')];
}

/** What VOC writes of every object, whether somebody looked or not. */
const VOC_PLAIN: Readonly<Record<string, string>> = { pose: 'Unspecified', truncated: '0', difficult: '0', occluded: '0' };

function beyondVoc({ name, children }: Element): string[] {
  if (name !== 'object') return [];
  return children.flatMap((child) => {
    if (child.name === 'name' || child.name === 'bndbox' || VOC_PLAIN[child.name] === child.text) return [];
    return [child.name === 'polygon' ? 'polygons' : child.name === 'part' ? 'parts' : 'attributes'];
  });
}
