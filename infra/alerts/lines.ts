/** Alerts as lines: of a JSONL file, or in the log. */
import { open } from 'node:fs/promises';
import type { Alert } from '../../schemas/decision.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { alertJson } from '../../schemas/records-alert.ts';
import type { Sink } from './types.ts';

/**
 * Appends a line each, on the disk before it counts as delivered. The file is opened for each, so it can be rotated by renaming it. A line that a power cut has left
 * unfinished stays, and the next one begins behind it: the alert of it comes again.
 */
export function jsonl(name: string, file: string): Sink {
  return {
    name,
    async deliver(alert: Alert): Promise<void> {
      try {
        await append(file, `${alertJson(alert)}\n`);
      } catch (thrown) {
        throw new SluiceError('SLUICE_E_SINK_FAILED', `${file} cannot be written (${(thrown as NodeJS.ErrnoException).code ?? 'unknown error'})`, { cause: thrown });
      }
    },
    close: () => {},
  };
}

async function append(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a+');
  try {
    const stats = await handle.stat();
    const { size } = stats;
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    await handle.appendFile(size === 0 || last[0] === 0x0a ? line : `\n${line}`);
    // A pipe or a terminal cannot be synced.
    if (stats.isFile()) await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** @param say writes a line to stderr */
export function log(name: string, say: (line: string) => void): Sink {
  return {
    name,
    deliver: (alert: Alert): Promise<void> => {
      say(`alert ${alertJson(alert)}`);
      return Promise.resolve();
    },
    close: () => {},
  };
}
