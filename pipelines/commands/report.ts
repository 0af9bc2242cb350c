/** `sluice report`: DIR/report.html from what is stored. */
import { join, resolve } from 'node:path';
import { writeReport } from '../../infra/sinks/report/report.ts';
import { openReader } from '../../infra/store/reader.ts';
import { printLines } from './printable.ts';

export async function reportCommand(dir: string): Promise<void> {
  printLines([await reportOn(dir)]);
}

/** @returns the path of the report */
export async function reportOn(dir: string): Promise<string> {
  const reader = openReader(dir);
  try {
    const file = resolve(join(dir, 'report.html'));
    await writeReport(reader, file);
    return file;
  } finally {
    reader.close();
  }
}
