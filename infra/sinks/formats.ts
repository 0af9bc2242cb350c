import { SluiceError } from '../../schemas/errors.ts';
import { coco } from './coco.ts';
import { csv } from './csv.ts';
import { jsonl } from './jsonl.ts';
import type { Format } from './types.ts';
import { yolo } from './yolo.ts';

/** Every format `export` knows, in the order `--help` lists them. */
export const formats: readonly Format[] = [jsonl, csv, coco, yolo];

/** @throws SluiceError SLUICE_E_USAGE naming the formats there are */
export function formatNamed(name: string): Format {
  const found = formats.find((format) => format.name === name);
  if (found === undefined) throw new SluiceError('SLUICE_E_USAGE', `There is no format "${name}"; there are ${formats.map((format) => format.name).join(', ')}.`);
  return found;
}
