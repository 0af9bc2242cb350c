/** What a consumer may see of a fetched partition: transactions that were aborted are left out (KIP-98, `read_committed`). */

export interface FetchedRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  /** Of the end of a transaction, which is a record of its own. */
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** Key of the control record that ends an aborted transaction: version 0, type 0. */
const ABORT = Buffer.from([0, 0, 0, 0]);

/**
 * @param messages in order of offset, control records among them
 * @param abortedTransactions those that overlap with them, as the broker tells
 */
export function committedOnly<T extends FetchedRecord>({ messages, abortedTransactions }: { readonly messages: readonly T[]; readonly abortedTransactions: readonly AbortedTransaction[] | null | undefined }): readonly T[] {
  if (!abortedTransactions?.length) return messages;
  const ahead = abortedTransactions.map(({ producerId, firstOffset }) => ({ producerId, from: BigInt(firstOffset) })).sort((a, b) => (a.from < b.from ? -1 : 1));
  const aborting = new Set<string>();
  return messages.filter(({ offset, key, isControlRecord, batchContext: { producerId, inTransaction } }) => {
    const at = BigInt(offset);
    // More than one may begin before a record: what lies between was compacted, or belongs to others.
    for (let next = ahead[0]; next !== undefined && next.from <= at; next = ahead[0]) {
      aborting.add(next.producerId);
      ahead.shift();
    }
    if (!isControlRecord) return !(inTransaction && aborting.has(producerId));
    if (key?.equals(ABORT) === true) aborting.delete(producerId);
    return true;
  });
}
