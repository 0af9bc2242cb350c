import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { classesOf } from '../../schemas/sample.ts';
import { OURS } from '../sources/label-studio-task.ts';
import type { Reader, StoredDecision } from '../store/types.ts';
import { escapeXml } from '../xml/write.ts';
import { inPixels } from './boxes.ts';
import { writeDataset, writeSmall } from './dataset.ts';
import type { LeftOut } from './left-out.ts';
import type { Media } from './media.ts';
import { Names } from './names.ts';
import { keptBy } from './origin.ts';
import { asOne, type Outline, outlinesOf } from './outlines.ts';
import { TextFile } from './output.ts';
import { selected } from './select.ts';
import type { Splits } from './splits.ts';
import type { FolderFormat, Selection } from './types.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Tasks for Label Studio: `tasks.json`, `images`, and `label_config.xml` with the classes. What is known of an image is its pre-annotation (a prediction whose
 * score is how little the label is suspected); verdict, reason and suspicion are columns of the task. Annotations that came from Label Studio go back as they were.
 */
export const labelStudio: FolderFormat = {
  name: 'label-studio',
  kind: 'folder',
  write: (reader, selection, to, options) =>
    writeDataset(
      { name: 'label-studio', entries: ['tasks.json', 'label_config.xml', 'images'], images: ['images'], fill: (made, media, leftOut) => fill(reader, selection, options.splits, made, media, leftOut) },
      reader, selection, to, options,
    ),
};

function fill(reader: Reader, selection: Selection, splits: Splits, made: string, media: Media, leftOut: LeftOut): void {
  mkdirSync(join(made, 'images'));
  const names = new Names('images', '');
  const classes = new Set<string>();
  const file = new TextFile(join(made, 'tasks.json'));
  try {
    let separator = '[\n';
    for (const decision of selected(reader, selection)) {
      for (const name of classesOf(decision.label) ?? []) classes.add(name);
      const path = join('images', names.take(decision.seq, decision.id, decision.uri).image);
      media.add(decision.uri, made, path);
      file.add(`${separator}${JSON.stringify(taskOf(decision, reader.origin(decision.seq), path, splits(decision), leftOut))}`);
      separator = ',\n';
    }
    file.add(separator === '[\n' ? '[]\n' : '\n]\n');
    file.finish(true);
  } finally {
    file.close();
  }
  const labels = [...classes].sort().map((name) => escapeXml(name));
  const list = (tag: string): string => labels.map((name) => `    <${tag} value="${name}"/>\n`).join('');
  writeSmall(join(made, 'label_config.xml'), `<View>\n  <Image name="image" value="$image"/>\n  <RectangleLabels name="label" toName="image">\n${list('Label')}  </RectangleLabels>\n  <PolygonLabels name="polygon" toName="image">\n${list('Label')}  </PolygonLabels>\n  <Choices name="choice" toName="image">\n${list('Choice')}  </Choices>\n</View>\n`);
}

function taskOf(decision: StoredDecision, origin: string | null, path: string, split: string | null, leftOut: LeftOut): Json {
  const { id, verdict, reasons, suspicion, suspicionNow, novelty, cluster } = decision;
  const own = { image: `/data/local-files/?d=${path.split('/').map(encodeURIComponent).join('/')}`, sluice_id: id, sluice_verdict: verdict, sluice_reason: reasons[0]?.code ?? null, sluice_suspicion: suspicionNow ?? suspicion, sluice_novelty: novelty, sluice_cluster: cluster, sluice_split: split };
  const came = (keptBy('label_studio', origin) ?? null) as Json | null;
  if (came !== null) return { ...came, data: { ...(came['data'] as Json), ...own } };
  const outlines = outlinesOf(origin, Array.isArray(decision.label) ? decision.label : [], decision.quality);
  leftOut.addBeyondPolygons(origin, outlines);
  const result = resultOf(decision, outlines.of, origin === null, leftOut);
  if (result === null) return { data: own };
  const doubt = suspicionNow ?? suspicion;
  return { data: own, predictions: [{ model_version: OURS, ...(doubt === null ? {} : { score: 1 - doubt }), result }] };
}

/** Regions of Label Studio; null where nothing is known. */
function resultOf({ seq, label, quality, objects }: StoredDecision, outlines: readonly (Outline | null)[], bare: boolean, leftOut: LeftOut): readonly Json[] | null {
  if (label === null) return null;
  const size = { original_width: quality?.width ?? null, original_height: quality?.height ?? null, image_rotation: 0 };
  if (typeof label === 'string') return [{ id: `${seq}`, type: 'choices', from_name: 'choice', to_name: 'image', value: { choices: [label] } }];
  return label.flatMap((box, i): readonly Json[] => {
    // Those of an origin are counted with what else it has.
    if (box.crowd === true && bare) leftOut.add('crowd flags');
    const [width, height] = box.relative === true ? [1, 1] : [quality?.width ?? 0, quality?.height ?? 0];
    // Without the size of its image a box in pixels has no percent.
    if (!(width > 0 && height > 0)) {
      leftOut.add('boxes of images whose size is not known');
      return [];
    }
    const percent = (value: number, whole: number): number => Math.round((value / whole) * 1e10) / 1e8;
    const { class: name, bbox: [x, y, w, h] } = box.relative === true ? box : inPixels(box, quality);
    const doubt = objects.find(({ index }) => index === i)?.suspicion ?? null;
    const said = { id: `${seq}-${i}`, to_name: 'image', ...size, ...(doubt === null ? {} : { score: 1 - doubt }) };
    const outline = outlines[i] ?? null;
    if (outline !== null) return [{ ...said, type: 'polygonlabels', from_name: 'polygon', value: { points: pointsOf(asOne(outline)), closed: true, polygonlabels: [name] } }];
    return [{
      ...said, type: 'rectanglelabels', from_name: 'label',
      value: { x: percent(x, width), y: percent(y, height), width: percent(w, width), height: percent(h, height), rotation: 0, rectanglelabels: [name] },
    }];
  });
}

/** Pairs, in percent of the picture. */
function pointsOf(polygon: readonly number[]): readonly (readonly number[])[] {
  const percent = polygon.map((value) => Math.round(value * 1e10) / 1e8);
  return Array.from({ length: percent.length / 2 }, (_, i) => percent.slice(2 * i, 2 * i + 2));
}
