/** `sluice embed SOURCE --to FILE`. */
import { resolve } from 'node:path';
import { readModel } from '../config/model.ts';
import { allOrFaults, readFps, readOneOf, readWhole } from '../config/settings.ts';
import { embedSource } from '../embed.ts';
import { interruption } from './interruption.ts';
import { printable } from './printable.ts';

export interface EmbedFlags {
  readonly to: string;
  readonly format?: string;
  readonly root?: string;
  readonly fit?: string;
  readonly fps?: string;
  readonly model?: string;
  readonly workers: string;
  readonly json: boolean;
}

export async function embedCommand(source: string, { to, format, root, fit, fps, model, workers, json }: EmbedFlags): Promise<void> {
  const settings = allOrFaults({
    fit: () => (fit === undefined ? undefined : readOneOf('--fit', fit, ['crop', 'squash', 'tiles'])),
    fps: () => readFps(fps),
    model: () => (model === undefined ? undefined : readModel(model)),
    workers: () => readWhole('--workers', workers, 1, 64),
  });
  const bad = (id: string, error: Error & { readonly code: string }): void => void process.stderr.write(`${printable(`not embedded: ${id}: ${error.message} [${error.code}]`)}\n`);
  const summary = await embedSource({ source, to: resolve(to), format, root, ...settings, signal: interruption(), say: process.stderr, bad });
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stderr.write(`${summary.embedded} embedded by ${summary.model} (${summary.dimension} numbers each) in ${summary.seconds.toFixed(1)} s; ${summary.dead} could not be read\n`);
}
