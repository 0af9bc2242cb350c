/** `sluice export`: the verdicts in another format. */
import { exportTo, type ExportOptions } from '../../infra/sinks/export.ts';
import { openReader } from '../../infra/store/reader.ts';

export async function exportCommand(dir: string, options: ExportOptions): Promise<void> {
  const reader = openReader(dir);
  try {
    const count = await exportTo(reader, options);
    process.stderr.write(`${count} items written\n`);
  } finally {
    reader.close();
  }
}
