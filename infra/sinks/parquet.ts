import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type BasicType, ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Reader, StoredDecision } from '../store/types.ts';
import { inPixels } from './boxes.ts';
import { writeDataset } from './dataset.ts';
import { imageBytes } from './image-bytes.ts';
import type { LeftOut } from './left-out.ts';
import type { MediaMode } from './media.ts';
import { selected } from './select.ts';
import { SPLITS, type Splits } from './splits.ts';
import type { FolderFormat, Selection } from './types.ts';

/** Rows held, and bytes of their images after which no more are. */
const ROWS = 5000;
const BYTES = 128 * 2 ** 20;

type Value = string | number | boolean | Date | Uint8Array | object | null;

const COLUMNS: readonly { readonly name: string; readonly type: BasicType; readonly of: (d: StoredDecision) => Value }[] = [
  { name: 'id', type: 'STRING', of: (d) => d.id },
  { name: 'uri', type: 'STRING', of: (d) => d.uri },
  { name: 'stream', type: 'STRING', of: (d) => d.stream },
  { name: 'time', type: 'TIMESTAMP', of: (d) => (d.time === null ? null : new Date(d.time)) },
  { name: 'seq', type: 'INT32', of: (d) => d.seq },
  { name: 'verdict', type: 'STRING', of: (d) => d.verdict },
  { name: 'review', type: 'BOOLEAN', of: (d) => d.review },
  { name: 'reason', type: 'STRING', of: (d) => d.reasons[0]?.code ?? null },
  { name: 'reasons', type: 'JSON', of: (d) => d.reasons },
  { name: 'score', type: 'DOUBLE', of: (d) => d.score },
  { name: 'novelty', type: 'DOUBLE', of: (d) => d.novelty },
  { name: 'cluster', type: 'INT32', of: (d) => d.cluster },
  { name: 'share', type: 'DOUBLE', of: (d) => d.share },
  { name: 'nearest_id', type: 'STRING', of: (d) => d.nearest?.id ?? null },
  { name: 'nearest_similarity', type: 'DOUBLE', of: (d) => d.nearest?.similarity ?? null },
  { name: 'label', type: 'STRING', of: (d) => (typeof d.label === 'string' ? d.label : null) },
  { name: 'boxes', type: 'JSON', of: (d) => (Array.isArray(d.label) ? d.label.map((box) => inPixels(box, d.quality)) : null) },
  { name: 'suspicion', type: 'DOUBLE', of: (d) => d.suspicion },
  { name: 'suspicion_now', type: 'DOUBLE', of: (d) => d.suspicionNow },
  { name: 'width', type: 'INT32', of: (d) => d.quality?.width ?? null },
  { name: 'height', type: 'INT32', of: (d) => d.quality?.height ?? null },
  { name: 'split', type: 'STRING', of: (d) => d.split },
];

/** Parquet: `data.parquet`, or `train.parquet` and so on where there are splits; a row an item, with the columns of `csv`. With `--media copy` the column `image` has the bytes of each. */
export const parquet: FolderFormat = {
  name: 'parquet',
  kind: 'folder',
  write: (reader, selection, to, options) =>
    writeDataset({ name: 'parquet', entries: ['data', ...SPLITS].map((name) => `${name}.parquet`), images: [], fill: (made, _, leftOut) => fill(reader, selection, options.splits, options.media, made, leftOut) }, reader, selection, to, options),
};

async function fill(reader: Reader, selection: Selection, splits: Splits, media: MediaMode, made: string, leftOut: LeftOut): Promise<void> {
  const tables = new Map<string, Table>();
  try {
    for (const decision of selected(reader, selection)) {
      leftOut.addBeyond(reader.origin(decision.seq), ['crowd flags']);
      const name = splits(decision) ?? 'data';
      const table = tables.get(name) ?? new Table(join(made, `${name}.parquet`), media === 'copy');
      tables.set(name, table);
      const image = media === 'copy' ? await imageBytes(decision.uri) : null;
      if (media === 'copy' && image === null) leftOut.add('images that are not where they were');
      table.add(decision, image);
    }
    if (tables.size === 0) tables.set('data', new Table(join(made, 'data.parquet'), media === 'copy'));
    for (const table of tables.values()) table.finish();
  } finally {
    for (const table of tables.values()) table.close();
  }
}

class Table {
  readonly #file: number;
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  readonly #images: boolean;
  #rows: StoredDecision[] = [];
  #pictures: (Uint8Array | null)[] = [];
  #held = 0;

  constructor(path: string, images: boolean) {
    this.#file = openSync(path, 'wx');
    this.#images = images;
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema: schemaFromColumnData({ columnData: this.#columns() }), createdBy: 'sluice', statistics: false });
  }

  add(decision: StoredDecision, image: Uint8Array | null): void {
    this.#rows.push(decision);
    this.#pictures.push(image);
    this.#held += image?.length ?? 0;
    if (this.#rows.length === ROWS || this.#held >= BYTES) this.#write();
  }

  finish(): void {
    this.#write();
    void this.#writer.finish();
    this.#flush();
  }

  close(): void {
    closeSync(this.#file);
  }

  #columns(): { name: string; type: BasicType; data: Value[]; nullable: true }[] {
    const columns = COLUMNS.map(({ name, type, of }) => ({ name, type, data: this.#rows.map(of), nullable: true as const }));
    return this.#images ? [...columns, { name: 'image', type: 'BYTE_ARRAY', data: this.#pictures, nullable: true }] : columns;
  }

  #write(): void {
    if (this.#rows.length === 0) return;
    // All at once: what it writes to is in memory.
    void this.#writer.write({ columnData: this.#columns(), rowGroupSize: this.#rows.length });
    this.#flush();
    [this.#rows, this.#pictures, this.#held] = [[], [], 0];
  }

  /** What is written of it, to the file. */
  #flush(): void {
    writeSync(this.#file, this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}
