import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';

const held = new Set<object>();

/** The rows of a query, one by one. Node 22 finalizes a statement that nobody refers to while its rows are still being read: it is held until the last. */
export function* eachRow(db: DatabaseSync, sql: string, ...values: readonly SQLInputValue[]): Generator<Record<string, SQLOutputValue>> {
  const statement = db.prepare(sql);
  held.add(statement);
  try {
    yield* statement.iterate(...values);
  } finally {
    held.delete(statement);
  }
}
