/** `sluice curate`: from flags to a run, its report and its summary. */
import { HEALTH } from '../../operators/state/camera/camera.ts';
import { GATE } from '../../operators/state/gate/gates.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { readAnyModel } from '../config/model.ts';
import { DEFAULT_POLICY } from '../config/policy.ts';
import { readPolicy } from '../config/read-policy.ts';
import { allOrFaults, readBudget, readFolder, readFps, readObjects, readOneOf, readReveal, readWhole } from '../config/settings.ts';
import { curateSource } from '../embedded.ts';
import { interruption } from './interruption.ts';
import { reading } from './read.ts';
import { summaryLines, workLine } from './summary.ts';

export interface CurateFlags {
  readonly format?: string;
  readonly out: string;
  readonly root?: string;
  readonly budget: string;
  readonly budgetPer: string;
  readonly labels?: string;
  readonly predictions?: string;
  readonly campaigns?: string;
  readonly reveal: string;
  readonly objects: string;
  readonly health: string;
  readonly gate: string;
  readonly purpose: string;
  readonly fit?: string;
  readonly fps?: string;
  readonly model?: string;
  readonly embeddings?: string;
  readonly policy?: string;
  readonly seed: string;
  readonly batch: string;
  readonly workers: string;
  readonly rejectedThumbnails: string;
  readonly change: boolean;
  readonly retry: boolean;
  readonly report: boolean;
  readonly json: boolean;
  readonly validationShare: string;
  readonly guard?: string;
  readonly known?: string;
  readonly knownFormat?: string;
  readonly knownRoot?: string;
}

export async function curateCommand(source: string, flags: CurateFlags): Promise<void> {
  const { out, ...settings } = allOrFaults({
    out: () => readFolder('--out', flags.out),
    budget: () => readBudget(flags.budget),
    per: () => readOneOf('--budget-per', flags.budgetPer, ['fleet', 'stream']),
    reveal: () => readReveal(flags.reveal),
    objects: () => (flags.embeddings === undefined ? readObjects(flags.objects) : withoutObjects(flags.objects)),
    health: () => readOneOf('--health', flags.health, HEALTH),
    gate: () => readOneOf('--gate', flags.gate, GATE),
    purpose: () => readOneOf('--purpose', flags.purpose, ['train', 'validation']),
    validationShare: () => readShare(flags.validationShare, flags.purpose),
    guard: () => (flags.guard === undefined ? undefined : readFolder('--guard', flags.guard)),
    fit: () => (flags.fit === undefined ? undefined : readOneOf('--fit', flags.fit, ['crop', 'squash', 'tiles'])),
    fps: () => readFps(flags.fps),
    seed: () => readWhole('--seed', flags.seed, 0, 2 ** 31 - 1),
    batch: () => readWhole('--batch', flags.batch, 1, 4096),
    workers: () => readWhole('--workers', flags.workers, 1, 64),
    rejectedThumbnails: () => readWhole('--rejected-thumbnails', flags.rejectedThumbnails, 0, 10_000_000),
    model: () => readAnyModel(flags),
    policy: () => (flags.policy === undefined ? DEFAULT_POLICY : readPolicy(flags.policy)),
  });
  const { format, embeddings, root, known, knownFormat, knownRoot, labels, predictions, campaigns, change, retry, report } = flags;
  if (flags.objects !== 'auto' && settings.objects > 0 && settings.reveal.when !== 'all') process.stderr.write(`warning: --objects looks at boxes that come with their images, and with --reveal ${flags.reveal} the engine is shown none of them then\n`);
  const signal = interruption();
  const summary = await curateSource({ source, out, format, embeddings, root, known, knownFormat, knownRoot, labels, predictions, campaigns, ...settings, change, retry, signal, say: process.stderr });
  if (report) {
    const { reportOn } = await import('./report.ts');
    process.stderr.write(`report: ${await reportOn(out)}\n`);
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stderr.write(`${[...reading(out, (reader) => summaryLines(reader)), '', workLine(summary)].join('\n')}\n`);
}

/** Crops of objects cannot be embedded as the given embeddings were. */
function withoutObjects(text: string): number {
  if (text !== 'auto' && text !== 'off') throw new SluiceError('SLUICE_E_CONFIG_INVALID', '--objects embeds crops with a model, and with --embeddings there is none: leave it out');
  return 0;
}

/** @throws SluiceError */
function readShare(text: string, purpose: string): number {
  const share = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN;
  if (!(share >= 0 && share < 1)) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--validation-share must be a share from 0 to below 1, not "${text}"`);
  if (share > 0 && purpose === 'validation') throw new SluiceError('SLUICE_E_CONFIG_INVALID', '--validation-share divides a train run; with --purpose validation all of it is for validation');
  return share;
}
