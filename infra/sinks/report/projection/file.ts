/** A projection as a file beside the report: what the next report starts from. */
import { readFileSync } from 'node:fs';
import { writeFile } from '../../output.ts';
import type { Projection } from './types.ts';

/** Raised when the meaning of the file changes; others are not read. */
const VERSION = 1;

interface Stored {
  readonly version: number;
  readonly model: string;
  readonly dimension: number;
  readonly anchors: number;
  readonly founders: number;
  readonly through: number;
  readonly coverage: number;
  readonly since: string;
  readonly places: string;
  readonly vectors: string;
}

/** @throws SluiceError SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE */
export function saveProjection(file: string, projection: Projection): void {
  const { model, founders, through, coverage, vectors, since, places } = projection;
  const stored: Stored = {
    version: VERSION,
    model,
    dimension: vectors.dim,
    anchors: vectors.rows,
    founders,
    through,
    coverage,
    since: toBase64(since),
    places: toBase64(places),
    vectors: toBase64(vectors.data),
  };
  writeFile(file, [`${JSON.stringify(stored)}\n`], 'replace');
}

/**
 * @returns null where there is none, or none that fits: of another model, of another version, or damaged.
 * A map is no data; making it anew is better than failing over it.
 */
export function loadProjection(file: string, model: string): Projection | null {
  try {
    const stored = JSON.parse(readFileSync(file, 'utf8')) as Partial<Stored>;
    const { anchors: rows, dimension: dim, founders, through, coverage } = stored;
    if (stored.version !== VERSION || stored.model !== model) return null;
    if (![rows, dim, founders, through].every(Number.isInteger) || typeof coverage !== 'number') return null;
    const projection = {
      model,
      founders: Number(founders),
      through: Number(through),
      coverage,
      vectors: { data: new Float32Array(fromBase64(stored.vectors)), rows: Number(rows), dim: Number(dim) },
      since: new Uint32Array(fromBase64(stored.since)),
      places: new Float32Array(fromBase64(stored.places)),
    };
    return isSound(projection) ? projection : null;
  } catch {
    return null;
  }
}

function isSound({ vectors, since, places, founders }: Projection): boolean {
  const { data, rows, dim } = vectors;
  const sized = rows > 0 && dim > 0 && data.length === rows * dim && since.length === rows && places.length === rows * 2;
  return sized && founders > 0 && founders <= rows && places.every(Number.isFinite) && data.every(Number.isFinite);
}

function toBase64(numbers: Float32Array | Uint32Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

function fromBase64(text: unknown): ArrayBuffer {
  const bytes = Buffer.from(String(text), 'base64');
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}
