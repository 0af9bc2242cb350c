/** Files of embeddings, written row by row. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { extname } from 'node:path';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { SluiceError } from '../../schemas/errors.ts';
import { temporaryName } from '../sinks/output.ts';
import { storeFailure } from '../store/failure.ts';
import { idsFile } from './read.ts';

export interface EmbeddingWriter {
  /** @param embeddings in the order of the ids */
  add(ids: readonly string[], embeddings: readonly Float32Array[]): void;
  /** Puts the file, whole, into its place. */
  finish(): void;
  /** Takes away what was not finished. */
  close(): void;
}

/** Bytes before the rows of a .npy. */
const HEADER = 128;

/** @throws SluiceError SLUICE_E_USAGE where the name is of no kind there is */
export function embeddingWriter(file: string, dimension: number): EmbeddingWriter {
  const extension = extname(file).toLowerCase();
  if (extension !== '.npy' && extension !== '.parquet') throw new SluiceError('SLUICE_E_USAGE', `--to ${file}: give a name that ends with .npy or .parquet.`);
  const places = [file, ...(extension === '.npy' ? [idsFile(file)] : [])].map((place) => ({ place, made: temporaryName(place) }));
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw storeFailure(thrown, file);
    }
  };
  const open = guarded(() => places.map(({ made }) => openSync(made, 'wx')));
  const [main = -1, beside = -1] = open;
  const rows = extension === '.npy' ? npyRows(main, beside, dimension) : parquetRows(main);
  let finished = false;
  return {
    add: (ids, embeddings) => guarded(() => rows.add(ids, embeddings)),
    finish: () => guarded(() => {
      rows.finish();
      for (const { place, made } of places) renameSync(made, place);
      finished = true;
    }),
    close() {
      for (const each of open) closeSync(each);
      if (!finished) for (const { made } of places) rmSync(made, { force: true });
    },
  };
}

type Rows = Pick<EmbeddingWriter, 'add' | 'finish'>;

/** NEP 1, version 1: the number of rows is filled in at the end. */
function npyRows(file: number, ids: number, dimension: number): Rows {
  let count = 0;
  const header = (): Buffer => {
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${dimension}), }`.padEnd(HEADER - 11) + '\n';
    const length = Buffer.alloc(2);
    length.writeUInt16LE(text.length);
    return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(text)]);
  };
  writeSync(file, header());
  return {
    add(names, embeddings) {
      for (const row of embeddings) writeSync(file, new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
      writeSync(ids, names.map((name) => `${JSON.stringify(name)}\n`).join(''));
      count += names.length;
    },
    finish: () => void writeSync(file, header(), 0, HEADER, 0),
  };
}

function parquetRows(file: number): Rows {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    createdBy: 'sluice',
    statistics: false,
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'embedding', repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
    ],
  });
  const flush = (): void => {
    writeSync(file, bytes.getBytes());
    bytes.index = 0;
  };
  return {
    add(ids, embeddings) {
      if (ids.length === 0) return;
      // All at once: what it writes to is in memory.
      void writer.write({ columnData: [{ name: 'id', data: [...ids] }, { name: 'embedding', data: embeddings.map((row) => [...row]) }], rowGroupSize: ids.length });
      flush();
    },
    finish() {
      void writer.finish();
      flush();
    },
  };
}
