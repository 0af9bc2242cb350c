export type IndexCall =
  | { readonly id: number; readonly call: 'add'; readonly vectors: Float32Array }
  | { readonly id: number; readonly call: 'search'; readonly queries: Float32Array; readonly k: number }
  | { readonly id: number; readonly call: 'reset' };

export type IndexReply = { readonly id: number; readonly rows: Int32Array; readonly similarities: Float32Array };
