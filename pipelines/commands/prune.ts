/** `sluice prune DIR --older 30d --larger 20GB`: lets the oldest pictures, thumbnails and rows go. */
import { SluiceError } from '../../schemas/errors.ts';
import { duration, size } from '../config/units.ts';
import { prune, type PruneSummary } from '../prune.ts';
import { printable } from './printable.ts';

export interface PruneFlags {
  readonly older?: string;
  readonly larger?: string;
  readonly json: boolean;
}

export async function pruneCommand(dir: string, { older, larger, json }: PruneFlags): Promise<void> {
  if (older === undefined && larger === undefined) throw new SluiceError('SLUICE_E_USAGE', 'give --older, --larger or both');
  const limits = { age: read('--older', older, duration('1s', '36500d')), size: read('--larger', larger, size('1B', '1000000GB')) };
  const summary = await prune(dir, limits, Date.now());
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stderr.write(`${pruneLines(summary).join('\n')}\n`);
}

function read(name: string, text: string | undefined, spec: ReturnType<typeof duration>): number | null {
  if (text === undefined) return null;
  const found = spec.safeParse(text);
  if (!found.success) throw new SluiceError('SLUICE_E_USAGE', `${name} ${text}: ${found.error.issues[0]?.message ?? 'not understood'}`);
  return found.data;
}

export function pruneLines({ items, rows, pictures, bytes, above }: PruneSummary): readonly string[] {
  return [
    `${items} items pruned: ${pictures} pictures and ${rows} rows went; ${(bytes / 1e6).toFixed(1)} MB are left`,
    ...(above ? ['that is more than asked for: the rest is the state, the items in the memory and the last item'] : []),
  ].map(printable);
}
