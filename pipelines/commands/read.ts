/** `sluice dead` and `sluice faults`: what a folder holds, as JSON lines or for people. */
import { openReader } from '../../infra/store/reader.ts';
import type { Reader } from '../../infra/store/types.ts';
import { printable, printLines } from './printable.ts';

export function deadCommand(dir: string, { json }: { json: boolean }): void {
  printLines(reading(dir, (reader) => deadLines(reader, json)));
}

export function faultsCommand(dir: string, { json }: { json: boolean }): void {
  printLines(reading(dir, (reader) => faultLines(reader, json)));
}

export function deadLines(reader: Reader, json: boolean): readonly string[] {
  const letters = [...reader.dead()];
  if (json) return letters.map(({ id, cause, code, seq }) => JSON.stringify({ id, cause, code, seq }));
  return letters.map(({ id, cause, code, seq }) => {
    const since = code !== 'SLUICE_E_ID_REPEATED' && reader.decision(id) !== null ? ', decided since' : '';
    return printable(`${seq}  ${id}: ${cause} [${code}]${since}`);
  });
}

export function faultLines(reader: Reader, json: boolean): readonly string[] {
  const faults = [...reader.faults()];
  if (json) return faults.map(({ id, seq, code, count, causes }) => JSON.stringify({ id, seq, code, count, causes }));
  return faults.flatMap(({ id, seq, code, count, causes }) => [
    printable(`${seq === null ? 'no image of the source' : `${seq}  ${id ?? ''}`}: ${count} left out [${code}]`),
    ...causes.map((cause) => printable(`   ${cause}`)),
    ...(count > causes.length ? [`   and ${count - causes.length} more`] : []),
  ]);
}

/** Opens the folder, does the work, closes it. */
export function reading<T>(dir: string, work: (reader: Reader) => T): T {
  const reader = openReader(dir);
  try {
    return work(reader);
  } finally {
    reader.close();
  }
}
