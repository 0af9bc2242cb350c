import type { ModelDescription } from './description.ts';

export interface WorkerSettings {
  readonly model: ModelDescription;
  /** Shared by all threads of a pool; its one number is 1 when nothing further is to be embedded. */
  readonly closing: Int32Array;
}

/** `pixels`: of `n` pictures, at the start of memory that may be larger. Null: end. */
export type EmbedRequest = { readonly id: number; readonly pixels: Uint8Array<ArrayBuffer>; readonly n: number } | null;

/** The request's memory comes back with it. */
export type EmbedReply = { readonly id: number; readonly pixels: Uint8Array<ArrayBuffer> } & ({ readonly embedding: Float32Array<ArrayBuffer> } | { readonly error: string });

/** The first message of a worker: its session is loaded, and what it takes and gives. */
export interface Loaded {
  /** Side of the model's square in pixels. */
  readonly size: number;
  readonly dimension: number;
}
