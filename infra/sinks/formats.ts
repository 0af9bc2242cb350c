import { SluiceError } from '../../schemas/errors.ts';
import type { Format } from './types.ts';

interface Known {
  /** For `--help`. */
  readonly summary: string;
  /** Loads it when it is asked for: a run needs none of them. */
  load(): Promise<Format>;
}

/** Every format `export` knows, in the order `--help` lists them. */
export const formats: ReadonlyMap<string, Known> = new Map(Object.entries({
  jsonl: {
    summary: 'one JSON object a line with every field of the verdict; --to FILE',
    load: async () => (await import('./jsonl.ts')).jsonl,
  },
  csv: {
    summary: "a table for spreadsheets; a text that could run as a formula gets a ' in front; --to FILE",
    load: async () => (await import('./csv.ts')).csv,
  },
  coco: {
    summary: 'COCO instances with all annotations and ids as they came; --to FOLDER, written as annotations/instances.json; with --media or --split a folder with images, and a file for each split',
    load: async () => (await import('./coco.ts')).coco,
  },
  yolo: {
    summary:
      'Ultralytics folder: data.yaml, labels, lists, images (boxes only); --to FOLDER. Images are hard links: they take no space, and an image changed in place is changed in the source too. On another file system than the source they are symbolic links, and the folder cannot be curated.',
    load: async () => (await import('./yolo.ts')).yolo,
  },
  'yolo-segment': {
    summary: 'the same for segmentation: objects as polygons, boxes as their corners; --to FOLDER. Images as with yolo',
    load: async () => (await import('./yolo.ts')).yoloSegment,
  },
  cvat: {
    summary: 'CVAT for images 1.1: annotations.xml and images (boxes, polygons, and classes as tags); --to FOLDER. Images as with yolo',
    load: async () => (await import('./cvat.ts')).cvat,
  },
  'label-studio': {
    summary: 'Label Studio: pre-annotated tasks.json with verdict, reason and suspicion, label_config.xml, images; --to FOLDER. Images as with yolo',
    load: async () => (await import('./label-studio.ts')).labelStudio,
  },
  fiftyone: {
    summary: 'a data set that FiftyOne loads (fiftyone.types.FiftyOneDataset), with verdict, reason and scores as fields; --to FOLDER. Images as with yolo',
    load: async () => (await import('./fiftyone.ts')).fiftyone,
  },
  webdataset: {
    summary: 'shards of WebDataset: image, .cls and .json of each sample; --to FOLDER. --media none leaves the images out',
    load: async () => (await import('./webdataset.ts')).webdataset,
  },
  parquet: {
    summary: 'Parquet with the columns of csv; --to FOLDER, written as data.parquet, or a file for each split. --media copy puts the images in',
    load: async () => (await import('./parquet.ts')).parquet,
  },
  'class-folders': {
    summary: 'folders that are classes, as ImageFolder reads them (classes only); --to FOLDER. Images as with yolo',
    load: async () => (await import('./class-folders.ts')).classFolders,
  },
  voc: {
    summary: 'Pascal VOC folder: Annotations, JPEGImages, ImageSets (boxes only); --to FOLDER. Images as with yolo',
    load: async () => (await import('./voc.ts')).voc,
  },
}));

/** @throws SluiceError SLUICE_E_USAGE naming the formats there are */
export async function formatNamed(name: string): Promise<Format> {
  const known = formats.get(name);
  if (known === undefined) throw new SluiceError('SLUICE_E_USAGE', `There is no format "${name}"; there are ${[...formats.keys()].join(', ')}.`);
  return await known.load();
}
