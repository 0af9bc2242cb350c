/** A batch of records as the log has it: where it ends is told also where compaction has taken its last records, or all of them. */

export interface DecodedBatch<T> {
  readonly firstOffset: string;
  readonly lastOffsetDelta: number;
  /** In order of offset. */
  readonly records: readonly T[];
}

/** What stands at the end of a batch in place of the record that was there: control records move a consumer on, and no handler sees them. */
export interface BatchEnd {
  readonly offset: string;
  readonly key: null;
  readonly value: null;
  readonly headers: Readonly<Record<string, never>>;
  readonly isControlRecord: true;
  readonly batchContext: object;
}

export function wholeBatch<T extends { readonly offset: string }, B extends DecodedBatch<T>>(batch: B): B | (Omit<B, 'records'> & { readonly records: readonly (T | BatchEnd)[] }) {
  const { records, ...batchContext } = batch;
  const offset = String(BigInt(batch.firstOffset) + BigInt(batch.lastOffsetDelta));
  if (records.at(-1)?.offset === offset) return batch;
  return { ...batch, records: [...records, { offset, key: null, value: null, headers: {}, isControlRecord: true, batchContext }] };
}
