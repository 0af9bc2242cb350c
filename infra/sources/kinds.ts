/** The formats of sources, and how each is known by looking. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenedSource, SourceOptions } from './types.ts';

export interface Kind {
  /** As `--format` names it. */
  readonly name: string;
  /** What it is known by, for people. */
  readonly known: string;
  /** Lower case, with the dot; none for a format that is always a folder. */
  readonly extensions: readonly string[];
  /** Whether a folder may be of a format that has extensions. */
  readonly folder?: boolean;
  /** Begins a location that is no file or folder. */
  readonly scheme?: string;
  /** Whether a file of one of the extensions, or a folder where there are none, is of this format; it always is where nothing is said. False for a format that only `--format` names. */
  readonly looks?: ((location: string) => Promise<boolean>) | false;
  /** Why `--root` says nothing for it; it does where nothing is said. */
  readonly rootless?: string;
  /** Loads what it needs when it is asked for. */
  readonly open: (location: string, options: SourceOptions) => Promise<OpenedSource>;
}

const IN_FOLDER = 'a folder: ids are relative to the folder itself';

/** In the order in which they are tried. */
export const KINDS: readonly Kind[] = [
  {
    name: 'csv', known: 'a CSV manifest (.csv)', extensions: ['.csv'],
    open: async (location, { root, fit }) => await (await import('./csv.ts')).openCsv(location, root, fit),
  },
  {
    name: 'jsonl', known: 'a manifest of JSON lines (.jsonl, .ndjson)', extensions: ['.jsonl', '.ndjson'],
    open: async (location, { root, fit }) => await (await import('./jsonl.ts')).openJsonl(location, root, fit),
  },
  {
    name: 'label-studio', known: 'tasks of Label Studio (.json, a list)', extensions: ['.json'],
    looks: async (file) => await (await import('./label-studio.ts')).isList(file),
    open: async (location, { root, fit }) => await (await import('./label-studio.ts')).openLabelStudio(location, root, fit),
  },
  {
    name: 'coco', known: 'a COCO JSON (.json, or a folder with one as annotations/instances….json)', extensions: ['.json'], folder: true,
    looks: async (location) => location.toLowerCase().endsWith('.json') || (await (await import('./coco-place.ts')).instancesIn(location)).length > 0,
    open: async (location, { root, fit, predictions }) => await (await import('./coco.ts')).openCoco(location, root, fit, predictions),
  },
  {
    name: 'cvat', known: 'an XML file of CVAT (.xml)', extensions: ['.xml'],
    open: async (location, { root, fit }) => await (await import('./cvat.ts')).openCvat(location, root, fit),
  },
  {
    name: 'webdataset', known: 'shards of WebDataset (.tar, or a folder of them)', extensions: ['.tar'], folder: true, rootless: 'shards: ids begin with their names',
    looks: async (location) => location.endsWith('.tar') || (await (await import('./webdataset.ts')).isShards(location)),
    open: async (location, { fit }) => await (await import('./webdataset.ts')).openWebDataset(location, fit),
  },
  {
    name: 'parquet', known: 'Parquet (.parquet, or a folder of them)', extensions: ['.parquet'], folder: true,
    looks: async (location) => location.endsWith('.parquet') || (await (await import('./parquet.ts')).isTables(location)),
    open: async (location, { root, fit }) => await (await import('./parquet.ts')).openParquet(location, root, fit),
  },
  {
    name: 'video', known: 'a video by its extension', extensions: ['.mp4', '.m4v', '.avi', '.mkv', '.mov', '.webm', '.mpg', '.mpeg', '.wmv', '.flv', '.mts', '.m2ts', '.3gp', '.ogv'],
    rootless: 'a video: its ids begin with its own name',
    open: async (location, { fps, fit, glimpses }) => await (await import('./video.ts')).openVideo(location, fps ?? null, fit, glimpses),
  },
  {
    name: 'yolo', known: 'a YOLO folder (data.yaml, or images and labels side by side)', extensions: [], rootless: IN_FOLDER,
    looks: async (folder) => (await is(join(folder, 'data.yaml'), 'isFile')) || (await holds(folder, 'images', 'labels')),
    open: async (location, { fit }) => await (await import('./yolo.ts')).openYolo(location, fit),
  },
  {
    name: 'voc', known: 'a Pascal VOC folder (Annotations and JPEGImages)', extensions: [], rootless: IN_FOLDER,
    looks: (folder) => holds(folder, 'Annotations', 'JPEGImages'),
    open: async (location, { fit }) => await (await import('./voc.ts')).openVoc(location, fit),
  },
  {
    name: 'class-folders', known: 'folders that are classes (with --format class-folders)', extensions: [], rootless: IN_FOLDER, looks: false,
    open: async (location, { fit }) => await (await import('./class-folders.ts')).openClassFolders(location, fit),
  },
  {
    name: 'fiftyone', known: 'a data set of FiftyOne (a folder with metadata.json and samples.json)', extensions: [],
    looks: async (folder) => (await is(join(folder, 'samples.json'), 'isFile')) && (await is(join(folder, 'metadata.json'), 'isFile')),
    open: async (location, { root, fit }) => await (await import('./fiftyone.ts')).openFiftyOne(location, root, fit),
  },
  {
    name: 's3', known: 'a prefix of an S3 bucket (s3://bucket/prefix)', extensions: [], scheme: 's3://', rootless: 'a bucket: ids are relative to the prefix', looks: false,
    open: async (location, { fit }) => await (await import('./s3.ts')).openS3(location, fit),
  },
  {
    name: 'folder', known: 'any other folder of images', extensions: [], rootless: IN_FOLDER,
    open: async (location, { fit }) => await (await import('./folder.ts')).openFolder(location, fit),
  },
];

async function holds(folder: string, ...names: readonly string[]): Promise<boolean> {
  return (await Promise.all(names.map((name) => is(join(folder, name), 'isDirectory')))).every(Boolean);
}

async function is(path: string, what: 'isFile' | 'isDirectory'): Promise<boolean> {
  return (await stat(path).catch(() => null))?.[what]() === true;
}
