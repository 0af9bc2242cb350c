/** `sluice reembed DIR`. */
import { allOrFaults, readWhole } from '../config/settings.ts';
import { readAnyModel } from '../config/model.ts';
import { reembed, type ReembedSummary } from '../reembed/reembed.ts';
import { interruption } from './interruption.ts';
import { printable } from './printable.ts';

export interface ReembedFlags {
  readonly model?: string;
  readonly embeddings?: string;
  readonly workers: string;
  readonly json: boolean;
}

export async function reembedCommand(dir: string, flags: ReembedFlags): Promise<void> {
  const settings = allOrFaults({ model: () => readAnyModel(flags), workers: () => readWhole('--workers', flags.workers, 1, 64) });
  const summary = await reembed({ dir, embeddings: flags.embeddings, ...settings, signal: interruption(), say: process.stderr });
  if (flags.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stderr.write(`${printable(reembedLine(dir, summary))}\n`);
}

function reembedLine(dir: string, { state, model, embedded, gone }: ReembedSummary): string {
  if (state === 'same') return `${dir} has the model ${model} already`;
  const done = `${embedded} ${embedded === 1 ? 'picture' : 'pictures'} embedded by ${model}, ${gone} gone`;
  if (state === 'changed') return `${done}; ${dir} goes on with it: give it to the next run as well`;
  return `${done}; a run holds ${dir} and goes on with the model it has. Start it again with the new one and --change: what is prepared here is taken over at once`;
}
