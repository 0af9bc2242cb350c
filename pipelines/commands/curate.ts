/** `sluice curate`: from flags to a run, its report and its summary. */
import { SluiceError } from '../../schemas/errors.ts';
import { DEFAULT_POLICY } from '../config/policy.ts';
import { readPolicy } from '../config/read-policy.ts';
import { allOrFaults, readBudget, readFolder, readOneOf, readReveal, readWhole } from '../config/settings.ts';
import { curateSource } from '../embedded.ts';
import { interruption } from './interruption.ts';
import { reading } from './read.ts';
import { summaryLines } from './summary.ts';

export interface CurateFlags {
  readonly out: string;
  readonly root?: string;
  readonly budget: string;
  readonly labels?: string;
  readonly reveal: string;
  readonly purpose: string;
  readonly fit?: string;
  readonly policy?: string;
  readonly seed: string;
  readonly batch: string;
  readonly workers: string;
  readonly change: boolean;
  readonly retry: boolean;
  readonly report: boolean;
  readonly json: boolean;
  readonly validationShare?: string;
  readonly guard?: string;
}

export async function curateCommand(source: string, flags: CurateFlags): Promise<void> {
  const { later: _, out, ...settings } = allOrFaults({
    later: () => refuseLater(flags),
    out: () => readFolder('--out', flags.out),
    budget: () => readBudget(flags.budget),
    reveal: () => readReveal(flags.reveal),
    purpose: () => readOneOf('--purpose', flags.purpose, ['train', 'validation']),
    fit: () => (flags.fit === undefined ? undefined : readOneOf('--fit', flags.fit, ['crop', 'squash', 'tiles'])),
    seed: () => readWhole('--seed', flags.seed, 0, 2 ** 31 - 1),
    batch: () => readWhole('--batch', flags.batch, 1, 4096),
    workers: () => readWhole('--workers', flags.workers, 1, 64),
    policy: () => (flags.policy === undefined ? DEFAULT_POLICY : readPolicy(flags.policy)),
  });
  const { root, labels, change, retry, report } = flags;
  const signal = interruption();
  const summary = await curateSource({ source, out, root, labels, ...settings, change, retry, signal, say: process.stderr });
  if (report) {
    const { reportOn } = await import('./report.ts');
    process.stderr.write(`report: ${await reportOn(out)}\n`);
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stderr.write(`${reading(out, (reader) => summaryLines(reader)).join('\n')}\n`);
}

function refuseLater({ guard, validationShare }: CurateFlags): void {
  const later = [...(guard === undefined ? [] : ['--guard']), ...(validationShare === undefined || validationShare === '0' ? [] : ['--validation-share'])];
  if (later.length > 0) throw new SluiceError('SLUICE_E_UNSUPPORTED', `not in this version yet: ${later.join(', ')}`);
}

