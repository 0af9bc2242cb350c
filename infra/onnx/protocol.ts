export interface WorkerSettings {
  readonly model: string;
  readonly size: number;
  readonly dimension: number;
  /** Names of the model's tensors. */
  readonly input: string;
  readonly output: string;
  /** Shared by all threads of a pool; its one number is 1 when nothing further is to be embedded. */
  readonly closing: Int32Array;
}

/** Null: end. */
export type EmbedRequest = { readonly id: number; readonly pixels: Uint8Array; readonly n: number } | null;

/** `id` -1: the session is loaded. */
export type EmbedReply = { readonly id: number; readonly embedding: Float32Array } | { readonly id: number; readonly error: string };
