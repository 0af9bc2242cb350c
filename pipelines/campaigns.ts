/**
 * The campaigns file of a running pipeline. It is looked at before each batch; where it has changed it is read anew, its examples are embedded beside the work,
 * and what it asks for holds from the batch after. A file that cannot be used changes nothing, and that is said once.
 */
import { statSync } from 'node:fs';
import { readNpy } from '../infra/sources/npy.ts';
import { SharpThumbnails } from '../infra/media/thumbnail.ts';
import { isFailed, type Numbered } from '../operators/items.ts';
import type { Embedder, ImageDecoder } from '../operators/ports.ts';
import { type Campaign, MOST_EXAMPLES } from '../operators/state/campaigns.ts';
import { SluiceError } from '../schemas/errors.ts';
import { type CampaignSpec, readCampaigns } from './config/campaigns.ts';
import { prepareBatch } from './prepare.ts';

/** How examples are embedded: as the items are. */
export interface ExampleParts {
  readonly decoder: ImageDecoder;
  readonly embedder: Embedder;
}

/** How far an embedding's length may be from 1 before it is no direction any more. */
const SHORTEST = 1e-6;

export class CampaignFile {
  readonly #file: string;
  readonly #parts: ExampleParts;
  readonly #say: (line: string) => void;
  #list: readonly Campaign[];
  #state: string;
  #reading: Promise<void> | null = null;

  private constructor(file: string, parts: ExampleParts, say: (line: string) => void, state: string, list: readonly Campaign[]) {
    this.#file = file;
    this.#parts = parts;
    this.#say = say;
    this.#state = state;
    this.#list = list;
  }

  /** @param say is told where a change cannot be used. @throws SluiceError SLUICE_E_CONFIG_INVALID, a SLUICE_E_IMAGE_… code */
  static async open(file: string, parts: ExampleParts, say: (line: string) => void): Promise<CampaignFile> {
    const state = stateOf(file);
    return new CampaignFile(file, parts, say, state, await embedded(readCampaigns(file), file, parts));
  }

  /** What is asked for by now; the same list until it changes. Looks whether the file has changed. */
  current(): readonly Campaign[] {
    const state = stateOf(this.#file);
    if (this.#reading === null && state !== this.#state) {
      this.#state = state;
      this.#reading = this.#read().finally(() => (this.#reading = null));
    }
    return this.#list;
  }

  async #read(): Promise<void> {
    try {
      this.#list = await embedded(readCampaigns(this.#file), this.#file, this.#parts);
      this.#say(`campaigns: ${this.#file} has changed; from the next batch on ${this.#list.length} of them`);
    } catch (thrown) {
      this.#say(`warning: campaigns: the change of ${this.#file} is not taken up: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }

  /** Resolves when nothing is being embedded. */
  async close(): Promise<void> {
    await this.#reading;
  }
}

/** Tells one state of a file from another; '' where it cannot be looked at, which reading it then explains. */
function stateOf(file: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return '';
  }
}

async function embedded(specs: readonly CampaignSpec[], file: string, parts: ExampleParts): Promise<readonly Campaign[]> {
  const list: Campaign[] = [];
  let examples = 0;
  for (const spec of specs) {
    if (spec.kind === 'class') list.push(spec);
    else {
      const { files, ...campaign } = spec;
      const vectors = await vectorsOf(files, `${file}: campaign ${spec.name}`, parts);
      examples += vectors.length;
      if (examples > MOST_EXAMPLES) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `${file}: the campaigns have more than ${MOST_EXAMPLES} examples together`);
      list.push({ ...campaign, examples: vectors });
    }
  }
  return list;
}

async function vectorsOf(files: readonly string[], where: string, { decoder, embedder }: ExampleParts): Promise<readonly Float32Array[]> {
  const { arrays = [], pictures = [] } = Object.groupBy(files, (file) => (file.toLowerCase().endsWith('.npy') ? 'arrays' : 'pictures'));
  const given = arrays.flatMap((file) => readNpy(file, embedder.dimension).map((row, i) => unit(row, `${where}: row ${i} of ${file}`)));
  const thumbnails = new SharpThumbnails(embedder.size);
  const entries = pictures.map((path, seq): Numbered => ({ seq, sample: { id: path, uri: path, stream: 'default', time: null, label: null, origin: null } }));
  const items = await prepareBatch({ decoder, thumbnails, embedder, workers: 1, objects: 0 }, entries);
  const embeddings = items.map((item) => {
    if (isFailed(item)) throw new SluiceError(item.error.code, `${where}: ${item.id}: ${item.error.message}`, { cause: item.error });
    thumbnails.drop([item.small]);
    return item.embedding;
  });
  return [...embeddings, ...given];
}

function unit(row: Float32Array, where: string): Float32Array {
  const length = Math.hypot(...row);
  if (!(length > SHORTEST && Number.isFinite(length))) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `${where} is no embedding: its length is ${length}`);
  return row.map((value) => value / length);
}
