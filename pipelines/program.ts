/** The commands and their options. `--help` is made from here. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { examine } from '../infra/doctor.ts';
import { exportTo } from '../infra/sinks/export.ts';
import { formats } from '../infra/sinks/formats.ts';
import { openReader } from '../infra/store/reader.ts';
import { SluiceError } from '../schemas/errors.ts';
import { DEFAULT_WORKERS, curateCommand, reportCommand } from './commands/curate.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorLines } from './commands/doctor.ts';
import { explainLines } from './commands/explain.ts';
import { interruption } from './commands/interruption.ts';
import { alertLines, deadLines, reading } from './commands/read.ts';
import { summaryLines } from './commands/summary.ts';
import { DEFAULT_POLICY } from './config/policy.ts';
import { readPolicy } from './config/read-policy.ts';
import { allOrFaults, readBudget, readOneOf, readReveal, readWhole } from './config/settings.ts';

interface CurateFlags {
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
  readonly report: boolean;
  readonly json: boolean;
  readonly validationShare?: string;
  readonly guard?: string;
}

export function program(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  const sluice = new Command('sluice').description('Streaming data curation for computer vision: admit or reject each image as it arrives, with reasons, under a budget.');
  sluice.version(version).exitOverride().showHelpAfterError('(sluice --help lists the commands)').configureHelp({ helpWidth: 120 });
  addCurate(sluice);
  addExport(sluice);
  addReading(sluice);
  addSetUp(sluice);
  return sluice;
}

function addCurate(sluice: Command): void {
  sluice
    .command('curate')
    .description('decide every image of a source; the same command again goes on where it stopped')
    .argument('<source>', 'a folder, a COCO JSON, a YOLO folder, or a CSV manifest with a column path (and stream, time, label)')
    .requiredOption('--out <dir>', 'folder for the verdicts (sluice.db) and the report')
    .option('--root <dir>', 'what the paths of a CSV or COCO JSON are relative to (default: its own folder)')
    .option('--budget <share>', 'share of the images to admit', '0.25')
    .option('--labels <file>', 'CSV path,label; paths equal to the ids')
    .option('--reveal <when>', 'when the engine is shown the labels there are: all (with the sample), never, admitted:<n> (n items after an admitted one)', 'all')
    .option('--purpose <purpose>', 'what the selection is for: train or validation; a validation set takes no suspicious labels', 'train')
    .option('--fit <fit>', "how a picture meets the model's square: crop, squash or tiles (default: crop for these sources)")
    .option('--policy <file>', 'YAML with weights and thresholds; what it leaves out has its default')
    .option('--seed <n>', 'seed of all draws', '0')
    .option('--batch <n>', 'images handed out and written at once; changes no decision', '64')
    .option('--workers <n>', 'embedding threads; changes no decision', String(DEFAULT_WORKERS))
    .option('--change', 'go on with other settings than the folder was made with, from here', false)
    .option('--no-report', 'write no report.html')
    .option('--json', 'one summary line on stdout', false)
    .addOption(new Option('--validation-share <share>', 'comes with a later version').hideHelp())
    .addOption(new Option('--guard <dir>', 'comes with a later version').hideHelp())
    .action(runCurate);
}

async function runCurate(source: string, flags: CurateFlags): Promise<void> {
  const { later: _, ...settings } = allOrFaults({
    later: () => refuseLater(flags),
    budget: () => readBudget(flags.budget),
    reveal: () => readReveal(flags.reveal),
    purpose: () => readOneOf('--purpose', flags.purpose, ['train', 'validation']),
    fit: () => (flags.fit === undefined ? undefined : readOneOf('--fit', flags.fit, ['crop', 'squash', 'tiles'])),
    seed: () => readWhole('--seed', flags.seed, 0, 2 ** 31 - 1),
    batch: () => readWhole('--batch', flags.batch, 1, 4096),
    workers: () => readWhole('--workers', flags.workers, 1, 64),
    policy: () => (flags.policy === undefined ? DEFAULT_POLICY : readPolicy(flags.policy)),
  });
  const { out, root, labels, change, report } = flags;
  const signal = interruption();
  const summary = await curateCommand({ source, out, root, labels, ...settings, change, signal, say: process.stderr });
  if (report) process.stderr.write(`report: ${await reportCommand(out)}\n`);
  if (flags.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stderr.write(`${reading(out, (reader) => summaryLines(reader)).join('\n')}\n`);
}

function refuseLater({ guard, validationShare }: CurateFlags): void {
  const later = [...(guard === undefined ? [] : ['--guard']), ...(validationShare === undefined || validationShare === '0' ? [] : ['--validation-share'])];
  if (later.length > 0) throw new SluiceError('SLUICE_E_UNSUPPORTED', `not in this version yet: ${later.join(', ')}`);
}

function addExport(sluice: Command): void {
  sluice
    .command('export')
    .description('write the verdicts in another format')
    .argument('<dir>', 'output folder of a run')
    .requiredOption('--to <place>', 'file or folder, as the format wants it; - for stdout')
    .addOption(new Option('--format <format>', 'format').choices(formats.map(({ name }) => name)).makeOptionMandatory())
    .addOption(new Option('--verdict <verdict>', 'which items').choices(['admit', 'reject', 'all']).default('admit'))
    .action(async (dir: string, { to, format, verdict }: { to: string; format: string; verdict: 'admit' | 'reject' | 'all' }) => {
      const reader = openReader(dir);
      try {
        const count = await exportTo(reader, { to, format, verdict });
        process.stderr.write(`${count} items written\n`);
      } finally {
        reader.close();
      }
    });
}

function addReading(sluice: Command): void {
  const print = (lines: readonly string[]): void => void (lines.length > 0 && process.stdout.write(`${lines.join('\n')}\n`));
  sluice
    .command('explain')
    .description('everything that led to one verdict')
    .argument('<dir>', 'output folder of a run')
    .argument('<id>', 'id of the item')
    .action((dir: string, id: string) => print(reading(dir, (reader) => explainLines(reader, id))));
  sluice
    .command('dead')
    .description('the inputs that could not be decided, with causes')
    .argument('<dir>', 'output folder of a run')
    .option('--json', 'one JSON line each', false)
    .action((dir: string, { json }: { json: boolean }) => print(reading(dir, (reader) => deadLines(reader, json))));
  sluice
    .command('alerts')
    .description('alerts on novel clusters and on the health of sources')
    .argument('<dir>', 'output folder of a run')
    .option('--json', 'one JSON line each', false)
    .action((dir: string, { json }: { json: boolean }) => print(reading(dir, (reader) => alertLines(reader, json))));
  sluice
    .command('report')
    .description('write DIR/report.html again')
    .argument('<dir>', 'output folder of a run')
    .action(async (dir: string) => print([await reportCommand(dir)]));
}

function addSetUp(sluice: Command): void {
  sluice
    .command('doctor')
    .description('show every part, its version and what is wrong')
    .option('--json', 'as JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const parts = await examine();
      process.stdout.write(`${json ? JSON.stringify(parts) : doctorLines(parts).join('\n')}\n`);
      if (parts.some(({ ok }) => !ok)) process.exitCode = 1;
    });
  sluice
    .command('setup')
    .description('install and build the native parts')
    .action(() => {
      process.exitCode = spawnSync(process.execPath, [fileURLToPath(new URL('../infra/setup.mjs', import.meta.url))], { stdio: 'inherit' }).status ?? 1;
    });
  sluice
    .command('demo')
    .description('curate the bundled demo stream')
    .option('--out <dir>', 'folder for the verdicts and the report; made anew', 'sluice-demo')
    .action(async ({ out }: { out: string }) => {
      process.stdout.write(`${(await demoCommand(out, interruption(), process.stderr)).join('\n')}\n`);
    });
}
