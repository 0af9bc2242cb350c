import { realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { type Fields, isFields } from './coco-values.ts';
import { GROUND_TRUTH, isLabels, saidOf } from './fiftyone-sample.ts';
import { normalise, openRoot, resolveInside, type Root } from './inside.ts';
import type { Json } from './json.ts';
import { parsePart, readParts } from './json-parts.ts';
import { streamedSource } from './streamed.ts';
import { parseTime } from './time.ts';
import { show, storable } from './text.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';

interface Sample extends Json {
  readonly index: number;
}

/**
 * A folder that FiftyOne exported as its own kind of data set (`fiftyone.types.FiftyOneDataset`, and the older kind without a version): `samples.json` beside `data`. The label is the field `ground_truth`, or
 * the one field of labels where there is but one. `origin` is the sample. Read as `streamedSource` says, one sample at a time.
 * @param given what paths are relative to, and absolute ones lie in; by default the folder
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX; SLUICE_E_UNSUPPORTED where several fields have labels and none is `ground_truth`
 */
export async function openFiftyOne(folder: string, given?: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const place = await realpath(folder);
  const root = await openRoot(given ?? folder);
  const file = join(place, 'samples.json');
  const fields = new Set<string>();
  let [total, timed] = [0, false];
  for await (const { value } of samples(file)) {
    total += 1;
    if (!isFields(value)) continue;
    timed ||= timeOf(value) !== null;
    for (const [key, inner] of Object.entries(value)) if (isLabels(inner)) fields.add(key);
  }
  const [only, ...more] = fields;
  const field = fields.has(GROUND_TRUTH) ? GROUND_TRUTH : (only ?? GROUND_TRUTH);
  if (field !== GROUND_TRUTH && more.length > 0) throw new SluiceError('SLUICE_E_UNSUPPORTED', `samples.json has labels in ${[...fields].sort().join(', ')}; name the field that people checked ${GROUND_TRUTH} (dataset.rename_sample_field), and export again.`);
  const others = [...fields].filter((each) => each !== field).sort();
  const warnings = [...(field === GROUND_TRUTH ? [] : [`the labels are those of the field ${field}.`]), ...(others.length === 0 ? [] : [`the fields ${others.join(', ')} were kept and say nothing here.`])];
  return streamedSource({ name: basename(file), identity: `fiftyone:${place}${given === undefined ? '' : ` root:${root.path || '/'}`}`, fit, total, timed, items: () => samples(file), entry: (sample) => entryOf(sample, field, root), warnings: () => warnings });
}

async function* samples(file: string): AsyncGenerator<Sample> {
  let index = 0;
  for await (const part of readParts(file, ['samples'])) {
    if (part.kind !== 'element') continue;
    yield { index, ...(await parsePart(file, part)) };
    index += 1;
  }
}

async function entryOf({ index, value, text }: Sample, field: string, root: Root): Promise<Entry> {
  const where = `samples[${index}]`;
  const bad = (cause: string): Entry => ({ id: storable(normalise(`samples.json:${where}`) ?? where), error: new SluiceError('SLUICE_E_ROW_INVALID', `samples.json, ${where}${cause}`) });
  if (!isFields(value)) return bad(`: expected an object, found ${show(value)}.`);
  const { filepath } = value;
  if (typeof filepath !== 'string' || filepath === '') return bad(`.filepath: expected a path, found ${show(filepath)}.`);
  // An export without its media has absolute paths.
  const item = await resolveInside(root, filepath.startsWith(`${root.path}/`) ? filepath.slice(root.path.length + 1) : filepath);
  if ('error' in item) return item;
  const { label, faults } = saidOf(value, field, where);
  return { sample: { id: item.id, uri: item.uri, stream: 'default', time: timeOf(value), label, ...(faults.length > 0 ? { faults } : {}), origin: `{"fiftyone":${text}}` } };
}

/** The field `time`: a text, as an export of Sluice writes it, or a date as MongoDB spells it. */
function timeOf({ time }: Fields): number | null {
  const date = isFields(time) ? time['$date'] : time;
  return typeof date === 'number' && Number.isSafeInteger(date) ? date : typeof date === 'string' ? parseTime(date) : null;
}
