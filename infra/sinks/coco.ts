import { cocoFolder } from './coco-folder.ts';
import { cocoText, FIRST_LINE, lackedByCoco } from './coco-text.ts';
import type { TextFormat } from './types.ts';

/** COCO instances: one file, or a folder with images where those are asked for, or splits. */
export const coco: TextFormat = {
  name: 'coco',
  kind: 'text',
  path: 'annotations/instances.json',
  begins: (line) => line === FIRST_LINE,
  folder: cocoFolder,
  text: (reader, selection) => cocoText(reader, selection),
  lacks: lackedByCoco,
};
