/** What the operators need of the outside world. infra/ implements these; operators never import infra. */
import type { Alert, Amend, Change, Correction, DeadLetter, Decision, Turned, UnusedLabel } from '../schemas/decision.ts';
import type { ItemFaults } from '../schemas/annotations.ts';
import type { SluiceError } from '../schemas/errors.ts';
import type { Sample } from '../schemas/sample.ts';
import type { Told } from '../schemas/told.ts';
import type { Glimpse } from './state/camera/glimpse.ts';
import type { Labellable } from './state/late-label.ts';

export type { Glimpse };

/** How a picture meets the model's square: centre crop, squash to the square, or overlapping square tiles along the long side. */
export type Fit = 'crop' | 'squash' | 'tiles';

/**
 * What a source hands out: a sample, with its picture where that is no file of its own, or a row that is bad in itself. A frame of a camera may come with a
 * glimpse of it, and without the picture where that is plainly the same as the one before.
 */
export type Entry = { readonly sample: Sample; readonly bytes?: Uint8Array | undefined; readonly remote?: Remote; readonly embedding?: Float32Array; readonly glimpse?: Glimpse } | { readonly id: string; readonly error: SluiceError };

/** A picture elsewhere, which is fetched once it is known that it is to be decided. */
interface Remote {
  /** Bytes, as its place says. */
  readonly size: number;
  /** The same as long as the picture is, without fetching it. */
  readonly stamp: string;
  /** @returns its bytes, or what is wrong with it alone. @throws SluiceError where nothing can be fetched from there now: that says nothing of the picture */
  read(): Promise<Uint8Array | SluiceError>;
}

/** A finite or endless stream of entries in a fixed order. */
export interface Source {
  /** What this source is, the same text for the same source: kind and absolute location. */
  readonly identity: string;
  /** Entries in all, where that is known before reading. */
  readonly total: number | null;
  /** The fit that suits this source where the user gives none. */
  readonly fit: Fit;
  /** Format-wide data for exports (for instance COCO's categories), as JSON. */
  readonly header: string | null;
  /** At most `limit` further entries, in order; an empty list is the end. Never called again before it has resolved. */
  next(limit: number): Promise<readonly Entry[]>;
  close(): Promise<void>;
}

export interface DecodedImage {
  /** RGB, 0..255, [tiles, size, size, 3]. */
  readonly pixels: Uint8Array;
  readonly tiles: number;
  /** Of the original, after EXIF rotation. */
  readonly width: number;
  readonly height: number;
  readonly digest: string;
  /** The regions that were asked for, each squashed to the model's square: RGB, 0..255, [regions, size, size, 3]. */
  readonly crops: Uint8Array;
}

/** A part of a picture, in whole pixels after EXIF rotation, inside it and not empty. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The parts of a picture that are wanted as squares of their own. @param width of the picture in pixels, as is the height */
export type RegionsOf = (width: number, height: number) => readonly Region[];

/** An object that lies elsewhere. */
export interface ObjectReference {
  /** `file:`, `http:`, `https:` or `s3:`. */
  readonly uri: string;
  /** Of its bytes, 64 hex digits; null where nobody said. */
  readonly sha256: string | null;
}

/** Where the bytes of a picture are: in a file on this machine, in memory (left unchanged until it is decoded), or elsewhere. */
export type ImageInput = { readonly path: string } | { readonly bytes: Uint8Array } | { readonly reference: ObjectReference };

export interface ImageDecoder {
  /** @throws SluiceError with a SLUICE_E_IMAGE_… code; of a reference also with SLUICE_E_REFERENCE_REFUSED, a SLUICE_E_OBJECT_… code, or SLUICE_E_INTERRUPTED, which says nothing of the image */
  decode(image: ImageInput, regionsOf?: RegionsOf): Promise<DecodedImage>;
}

export interface Thumbnails {
  /** The first of the model's squares at half its side. @param rgb 0..255, [tiles, size, size, 3]. @returns [size / 2, size / 2, 3], each pixel the mean of four */
  halve(rgb: Uint8Array): Uint8Array<ArrayBuffer>;
  /** @param pictures from `halve`, whose memory is taken back. @returns them as JPEG strips, each holding the next `count` of them from top to bottom */
  encode(pictures: readonly Uint8Array<ArrayBuffer>[]): Promise<readonly { readonly jpeg: Uint8Array; readonly count: number }[]>;
  /** Takes the memory of pictures back that nobody will see. */
  drop?(pictures: readonly Uint8Array<ArrayBuffer>[]): unknown;
}

/** Thumbnails of some items in one JPEG, from top to bottom. */
export interface Strip {
  readonly jpeg: Uint8Array;
  readonly seqs: readonly number[];
}

/** Keeps admitted pictures that are no files of their own. */
export interface Media {
  /** @param digest SHA-256 of the bytes, hex. @returns the path of the file each is in; all are on the disk by then. @throws SluiceError SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE */
  keep(pictures: readonly { readonly bytes: Uint8Array; readonly digest: string }[]): Promise<readonly string[]>;
}

export interface Embedder {
  /** Side of the model's square in pixels. */
  readonly size: number;
  readonly dimension: number;
  /** Name and content hash of the model. */
  readonly identity: string;
  /** Begins a call of the model. */
  begin(): EmbedCall;
  close(): Promise<void>;
}

/** Pictures that go through the model together. */
export interface EmbedCall {
  /** No further picture fits. */
  readonly full: boolean;
  /** @param picture uint8 [size, size, 3]; copied at once */
  add(picture: Uint8Array): void;
  /** Once, with at least one picture. @returns float32 [pictures, dimension], rows of unit length; the same bits for a picture whatever its neighbours. */
  run(): Promise<Float32Array>;
}

export interface Neighbours {
  /** [n, k] row numbers in order of adding, -1 where there are fewer than k. */
  readonly rows: Int32Array;
  /** [n, k] inner products, descending. */
  readonly similarities: Float32Array;
}

/** Exact search by inner product over rows in order of adding. Calls are queued; one is under way at a time. */
export interface VectorIndex {
  readonly dimension: number;
  /** Rows added so far (calls under way included). */
  readonly count: number;
  add(vectors: Float32Array): Promise<void>;
  search(queries: Float32Array, k: number): Promise<Neighbours>;
  /** Forgets all rows. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Everything one batch changes, written in one transaction. */
export interface Batch {
  readonly decisions: readonly Decision[];
  readonly dead: readonly DeadLetter[];
  /** Annotations that the decided items are decided without. */
  readonly faults: readonly ItemFaults[];
  readonly amends: readonly Amend[];
  /** Labels of decided items that somebody corrected; left out where there are none. */
  readonly corrections?: readonly Correction[];
  readonly alerts: readonly Alert[];
  readonly strips: readonly Strip[];
  /** Seqs of items whose thumbnails others have taken the place of; left out where there are none. */
  readonly unpictured?: readonly number[];
  /** Verdicts that somebody turned round; left out where there are none. */
  readonly turned?: readonly Turned[];
  readonly changes: readonly Change[];
  /** How many label events were learned, wait for their items, or said what was known. */
  readonly labels: { readonly learned: number; readonly waiting: number; readonly repeated: number };
  /** Ids of known items that label events told to forget; left out where there are none. */
  readonly forgotten?: readonly string[];
  /** Label events that are of no use. */
  readonly unused: readonly UnusedLabel[];
  /** What the engines of other partitions are to know. */
  readonly told: readonly Told[];
  /** Admissions the budget has allowed so far but nobody could use. */
  readonly unspent: number;
  /** Clusters of the engine by now. */
  readonly clusters: { readonly live: number; readonly cold: number };
}

/** The decided items, as far as they are still known. */
export interface KnownItems {
  /** The seq the next item gets. */
  readonly nextSeq: number;
  /** The item with this id; null where none is known. */
  find(id: string): Labellable | null;
}

/** Known items that can be let go of. */
export interface ForgettableItems extends KnownItems {
  /** Whether an item with this id was decided, as far back as that is known. */
  knows(id: string): boolean;
  /** Nothing of it stays but that it is known. */
  forget(id: string): void;
}

/** What a store holds of an id. */
export interface OnRecord {
  /** Verdicts and dead letters that entries of the source in hand with this id have got. */
  readonly ofSource: number;
  /** Whether it has a verdict, from whatever source. */
  readonly decided: boolean;
}

/** Where a batch goes. */
export interface Outlet {
  /** Writes all of it or nothing. */
  commit(batch: Batch): Promise<void> | void;
}

/** Where verdicts and state are kept. */
export interface Store extends Outlet {
  /** The seq the next entry gets: the number of verdicts and dead letters so far. */
  readonly nextSeq: number;
  /** Writes all of it or nothing. @throws SluiceError SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE */
  commit(batch: Batch): void;
  /** The changelog as it stands: one record for each (kind, key), ordered by kind, then key. */
  state(): Iterable<Change>;
  /** The stored embedding of an item that has a verdict. */
  embedding(seq: number): Float32Array;
}
