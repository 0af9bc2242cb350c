export interface WorkerSettings {
  readonly model: string;
  readonly size: number;
  readonly dimension: number;
  /** Names of the model's tensors. */
  readonly input: string;
  readonly output: string;
}

export interface EmbedRequest {
  readonly id: number;
  readonly pixels: Uint8Array;
  readonly n: number;
}

/** `id` -1: the session is loaded. */
export type EmbedReply = { readonly id: number; readonly embedding: Float32Array } | { readonly id: number; readonly error: string };
