/** The commands and their options. `--help` is made from here; what a command needs is loaded when it is called. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import type { ExportOptions } from '../infra/sinks/export.ts';
import { MEDIA } from '../infra/sinks/media.ts';
import { formats } from '../infra/sinks/formats.ts';
import type { AlertsFlags, MuteFlags, ScopeFlags } from './commands/alerts.ts';
import type { CorrectFlags } from './commands/correct.ts';
import type { DecisionsFlags } from './commands/decisions.ts';
import type { SchemaKind } from './commands/lint.ts';
import type { DiffFlags } from './commands/diff.ts';
import type { EmbedFlags } from './commands/embed.ts';
import type { ForgetFlags } from './commands/forget.ts';
import type { ProduceFlags } from './commands/produce.ts';
import type { ReplayDeadFlags } from './commands/replay-dead.ts';
import type { PruneFlags } from './commands/prune.ts';
import type { ReembedFlags } from './commands/reembed.ts';
import type { RescueFlags } from './commands/rescue.ts';
import type { ReplayFlags } from './commands/replay.ts';
import type { RunFlags } from './commands/run.ts';
import type { TopicsFlags } from './commands/topics.ts';
import { DEFAULT_WORKERS } from './config/settings.ts';
import { addCurate, formatOption, SOURCE } from './program-curate.ts';

export function program(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  const sluice = new Command('sluice').description('Streaming data curation for computer vision: admit or reject each image as it arrives, with reasons, under a budget.');
  // Options of a command are not those of the commands below it, though some have the same names.
  sluice.version(version).enablePositionalOptions().exitOverride().showHelpAfterError('(sluice --help lists the commands)').configureHelp({ helpWidth: 120 });
  addCurate(sluice);
  addKafka(sluice);
  addExport(sluice);
  addVersions(sluice);
  addReading(sluice);
  addForget(sluice);
  addReplay(sluice);
  addEmbed(sluice);
  addConfig(sluice);
  addSetUp(sluice);
  return sluice;
}

function addKafka(sluice: Command): void {
  sluice
    .command('run')
    .description('run a pipeline until it is stopped: over cameras, or a worker over Kafka, as many of which as there are partitions can work side by side')
    .argument('<pipeline>', 'YAML; see docs/pipeline.md and docs/cameras.md')
    .option('--change', 'go on with other settings than what is there was made with, from here', false)
    .action(async (file: string, flags: RunFlags) => (await import('./commands/run.ts')).runCommand(file, flags));
  sluice
    .command('topics')
    .description('make the topics of a pipeline that are not there')
    .argument('<pipeline>', 'YAML; see docs/pipeline.md')
    .requiredOption('--partitions <n>', 'of each topic; as many workers can work side by side, and the number stays')
    .action(async (file: string, flags: TopicsFlags) => (await import('./commands/topics.ts')).topicsCommand(file, flags));
  sluice
    .command('produce')
    .description('send what a source holds into the samples topic of a pipeline')
    .argument('<pipeline>', 'YAML; see docs/pipeline.md')
    .argument('<source>', SOURCE)
    .addOption(formatOption())
    .option('--root <dir>', 'what the paths of a manifest or an annotation file are relative to (default: its own folder)')
    .option('--labels <file>', 'CSV path,label; paths equal to the ids')
    .option('--predictions <file>', "COCO results of a COCO JSON's images, to hold the labels against")
    .option('--labels-only', 'send the labels alone, as label events, into the labels topic', false)
    .option('--stream <name>', 'stream of the samples of which the source names none', 'default')
    .option('--id-prefix <text>', 'put before each id, so that those of several sources differ', '')
    .option('--fps <n>', 'of a video, so many frames a second (default: every frame)')
    .option('--inline-limit <size>', 'larger files are sent by reference: their file: URI and SHA-256; frames of a video always inline', '900kB')
    .option('--json', 'one summary line on stdout', false)
    .action(async (file: string, source: string, flags: ProduceFlags) => (await import('./commands/produce.ts')).produceCommand(file, source, flags));
  sluice
    .command('decisions')
    .description('what was decided, from the decisions topic of a pipeline')
    .argument('<pipeline>', 'YAML; see docs/pipeline.md')
    .option('--follow', 'wait for further ones until stopped', false)
    .option('--json', 'one JSON line each, as export --format jsonl writes it', false)
    .action(async (file: string, flags: DecisionsFlags) => (await import('./commands/decisions.ts')).decisionsCommand(file, flags));
  sluice
    .command('replay-dead')
    .description('send dead letters of a pipeline back to the topics they came from, each once')
    .argument('<pipeline>', 'YAML; see docs/pipeline.md')
    .option('--code <code>', 'only those with this code, such as SLUICE_E_OBJECT_MISSING')
    .option('--max <n>', 'so many at most')
    .option('--attempts <n>', 'a message that was sent back so often is given up; a later run that allows more still sends it', '3')
    .option('--dry-run', 'show what would be sent back, and send nothing', false)
    .option('--json', 'one summary line on stdout; with --dry-run, a line for each', false)
    .action(async (file: string, flags: ReplayDeadFlags) => (await import('./commands/replay-dead.ts')).replayDeadCommand(file, flags));
}

/** A text in lines of so many columns, further ones after so many spaces. */
function wrapped(text: string, columns: number, spaces: number): string {
  return text.replaceAll(new RegExp(`(.{1,${columns}})(?: +|$)`, 'g'), `$1\n${' '.repeat(spaces)}`).trimEnd();
}

function addExport(sluice: Command): void {
  sluice
    .command('export')
    .description('write the verdicts in another format')
    .argument('<dir>', 'output folder of a run')
    .requiredOption('--to <place>', 'file or folder, as the format wants it; - for stdout')
    .addOption(new Option('--format <format>', 'format').choices([...formats.keys()]).makeOptionMandatory())
    .addOption(new Option('--verdict <verdict>', 'which items').choices(['admit', 'reject', 'all']).default('admit'))
    .addOption(new Option('--media <how>', 'how images come into a folder (default: hardlink)').choices(MEDIA))
    .option('--version <name>', 'what was admitted when this version was made, as it was then (sluice version)')
    .option('--since <version>', 'only what that version does not have')
    .option('--split <shares>', 'of a folder, such as train=0.8,val=0.2, by whole clusters; default: the split of the run')
    .addHelpText('after', `\nFormats:\n${[...formats].map(([name, { summary }]) => `  ${name.padEnd(14)} ${wrapped(summary, 100, 17)}`).join('\n')}`)
    .action(async (dir: string, options: ExportOptions) => (await import('./commands/export.ts')).exportCommand(dir, options));
}

function addVersions(sluice: Command): void {
  sluice
    .command('version')
    .description('give what is admitted by now a name, which stays as it is now; without a name, list the versions')
    .argument('<dir>', 'output folder of a run')
    .argument('[name]', 'up to 64 letters, digits, "_", "." and "-"')
    .option('--json', 'one JSON line for each version', false)
    .action(async (dir: string, name: string | undefined, flags: { json: boolean }) => (await import('./commands/version.ts')).versionCommand(dir, name, flags));
  sluice
    .command('diff')
    .description('what two versions differ in: items, labels, classes, and how well each covers the other')
    .usage('[options] <dir> <a> [b] | <dir>:<a> <dir>:<b>')
    .argument('<places...>', 'a folder and one or two versions (one: against what is admitted now), or two of DIR:VERSION; DIR alone is what it has admitted now')
    .option('--near <similarity>', 'of embeddings, from which an item counts as covered by another', '0.7')
    .option('--json', 'one JSON line on stdout, with all ids', false)
    .action(async (places: string[], flags: DiffFlags) => (await import('./commands/diff.ts')).diffCommand(places, flags));
}

function addReading(sluice: Command): void {
  sluice
    .command('correct')
    .description('take labels back that were wrong: the right ones are learned and counted in their place')
    .argument('<dir>', 'output folder of a run')
    .requiredOption('--labels <file>', 'CSV path,label, paths equal to the ids; or a COCO JSON with the images as they are labelled now')
    .option('--json', 'one summary line on stdout', false)
    .action(async (dir: string, flags: CorrectFlags) => (await import('./commands/correct.ts')).correctCommand(dir, flags));
  sluice
    .command('explain')
    .description('everything that led to one verdict')
    .argument('<dir>', 'output folder of a run')
    .argument('<id>', 'id of the item')
    .action(async (dir: string, id: string) => (await import('./commands/explain.ts')).explainCommand(dir, id));
  sluice
    .command('dead')
    .description('the inputs that could not be decided, with causes')
    .argument('<dir>', 'output folder of a run')
    .option('--json', 'one JSON line each', false)
    .action(async (dir: string, flags: { json: boolean }) => (await import('./commands/read.ts')).deadCommand(dir, flags));
  sluice
    .command('faults')
    .description('the bad annotations that images were decided without: how many of each kind, with the places of the first')
    .argument('<dir>', 'output folder of a run')
    .option('--json', 'one JSON line for each image and kind', false)
    .action(async (dir: string, flags: { json: boolean }) => (await import('./commands/read.ts')).faultsCommand(dir, flags));
  addAlerts(sluice);
  sluice
    .command('report')
    .description('write DIR/report.html again')
    .argument('<dir>', 'output folder of a run')
    .action(async (dir: string) => (await import('./commands/report.ts')).reportCommand(dir));
}

function addAlerts(sluice: Command): void {
  const alerts = sluice
    .command('alerts')
    .description('alerts on novel clusters and on the health of sources, and what people have said of them')
    .argument('<dir>', 'output folder of a run')
    .option('--kind <kind>', 'only of this kind, such as novel or health.dark; health: all of health.…')
    .option('--stream <name>', 'only those that items of this stream raised')
    .option('--since <time>', 'only those from this event time on, such as 2026-03-02T11:00:00Z')
    .option('--open', 'only those that nobody has acknowledged and that are not muted', false)
    .option('--json', 'one JSON line each', false)
    .action(async (dir: string, flags: AlertsFlags) => (await import('./commands/alerts.ts')).alertsCommand(dir, flags));
  alerts
    .command('ack')
    .description('acknowledge an alert: somebody has seen to it; also while a run goes on')
    .argument('<dir>', 'output folder of a run')
    .argument('<id>', 'of the alert, as it is listed')
    .option('--by <name>', 'who')
    .option('--note <text>', 'what is to be said')
    .action(async (dir: string, id: string, flags: { by?: string; note?: string }) => (await import('./commands/alerts.ts')).ackCommand(dir, id, flags));
  const scoped = (name: string, description: string): Command =>
    alerts
      .command(name)
      .description(description)
      .argument('<dir>', 'output folder of a run')
      .option('--kind <kind>', 'alerts of this kind, such as novel or health.dark; health: all of health.…')
      .option('--stream <name>', 'alerts that items of this stream alone raised')
      .option('--cluster <n>', 'alerts on this cluster');
  scoped('mute', 'deliver no such alerts for a time: they are raised and listed, marked as muted; also while a run goes on')
    .option('--for <duration>', 'so long, such as 2h')
    .option('--until <time>', 'until then, such as 2026-03-02T11:00:00Z')
    .action(async (dir: string, flags: MuteFlags) => (await import('./commands/alerts.ts')).muteCommand(dir, flags));
  scoped('unmute', 'end a mute').action(async (dir: string, flags: ScopeFlags) => (await import('./commands/alerts.ts')).unmuteCommand(dir, flags));
  alerts
    .command('mutes')
    .description('the mutes that are in force')
    .argument('<dir>', 'output folder of a run')
    .option('--json', 'one JSON line each', false)
    .action(async (dir: string, flags: { json: boolean }) => (await import('./commands/alerts.ts')).mutesCommand(dir, flags));
}

function addForget(sluice: Command): void {
  sluice
    .command('rescue')
    .description('admit what was rejected, or the other way: a person has the last word')
    .argument('<dir>', 'output folder of a run; no run may be at work on it')
    .argument('<ids...>', 'ids of the items')
    .option('--reject', 'reject what was admitted', false)
    .option('--json', 'one summary line on stdout', false)
    .action(async (dir: string, ids: string[], flags: RescueFlags) => (await import('./commands/rescue.ts')).rescueCommand(dir, ids, flags));
  sluice
    .command('prune')
    .description('let the oldest pictures, thumbnails and rows go; what decides further images stays')
    .argument('<dir>', 'output folder of a run; no run may be at work on it')
    .option('--older <age>', 'of items whose times are older than this, such as 30d')
    .option('--larger <size>', 'of the oldest items, until pictures and database take no more than this, such as 20GB')
    .option('--json', 'one summary line on stdout', false)
    .action(async (dir: string, flags: PruneFlags) => (await import('./commands/prune.ts')).pruneCommand(dir, flags));
  sluice
    .command('forget')
    .description('take items out for good: pictures, thumbnails, embeddings, labels, and wherever they are named')
    .argument('<dir>', 'output folder of a run, on which no run may be at work; or a pipeline file, whose workers are told: by ids alone')
    .argument('[ids...]', 'ids of the items')
    .option('--stream <name>', 'in place of ids, all items of a stream ...')
    .option('--before <time>', '... whose times are before this one (ISO 8601, such as 2026-01-31T12:00:00Z)')
    .option('--dry-run', 'say how much it would be, and change nothing', false)
    .option('--json', 'one summary line on stdout', false)
    .action(async (dir: string, ids: string[], flags: ForgetFlags) => (await import('./commands/forget.ts')).forgetCommand(dir, ids, flags));
}

function addReplay(sluice: Command): void {
  sluice
    .command('replay')
    .description('decide a recorded stream again with other settings, from its embeddings, and compare: the record, the replay, and a random choice; changes nothing')
    .argument('<dir>', 'output folder of a run')
    .option('--policy <file>', 'YAML with weights and thresholds (default: as recorded, as are all that follow)')
    .option('--budget <budget>', 'share of the images to admit, or so many per minute, hour or day of their times')
    .option('--budget-per <what>', 'whose budget it is: fleet or stream')
    .option('--purpose <purpose>', 'what the selection is for: train or validation')
    .option('--reveal <when>', 'when the engine is shown the labels: all, never, admitted:<n>')
    .option('--seed <n>', 'seed of all draws')
    .option('--report <file>', 'also a page: the figures, and pictures of what is gained and lost')
    .option('--json', 'one JSON line on stdout, with all classes', false)
    .action(async (dir: string, flags: ReplayFlags) => (await import('./commands/replay.ts')).replayCommand(dir, flags));
}

function addEmbed(sluice: Command): void {
  sluice
    .command('embed')
    .description('the embeddings of a source, in its order, into a file')
    .argument('<source>', SOURCE)
    .requiredOption('--to <file>', 'FILE.npy, with FILE.ids.jsonl beside it, or FILE.parquet with the columns id and embedding')
    .addOption(formatOption())
    .option('--root <dir>', 'what the paths of a manifest or an annotation file are relative to (default: its own folder)')
    .option('--fit <fit>', "how a picture meets the model's square: crop, squash or tiles (default: crop; of a video squash)")
    .option('--fps <n>', 'of a video, so many frames a second (default: every frame)')
    .option('--model <file>', 'embedding model: an ONNX file, or a YAML file that describes one (docs/embeddings.md)')
    .option('--workers <n>', 'embedding threads', String(DEFAULT_WORKERS))
    .option('--json', 'one summary line on stdout', false)
    .action(async (source: string, flags: EmbedFlags) => (await import('./commands/embed.ts')).embedCommand(source, flags));
  sluice
    .command('reembed')
    .description('change the model of an output folder: its pictures are embedded again, while runs go on, and all that rests on embeddings changes at once')
    .argument('<dir>', 'output folder of a run; one may be at work on it')
    .option('--model <file>', 'embedding model: an ONNX file, or a YAML file that describes one (docs/embeddings.md); default: the one that comes with Sluice')
    .option('--embeddings <file>', 'embeddings of your own, by id, in place of a model: .npy with FILE.ids.jsonl, or .parquet')
    .option('--workers <n>', 'embedding threads', String(DEFAULT_WORKERS))
    .option('--json', 'one summary line on stdout', false)
    .action(async (dir: string, flags: ReembedFlags) => (await import('./commands/reembed.ts')).reembedCommand(dir, flags));
}

function addConfig(sluice: Command): void {
  sluice
    .command('lint')
    .description('check pipeline files and config tests: every fault with line and column; exit 78 where there is one')
    .argument('[files...]', 'pipeline files, and config tests (*.test.yaml)')
    .addOption(new Option('--schema [kind]', 'print the JSON Schema for editors in place of checking').choices(['pipeline', 'cameras', 'test']).preset('pipeline'))
    .action(async (files: string[], flags: { schema?: SchemaKind }) => (await import('./commands/lint.ts')).lintCommand(files, flags));
  sluice
    .command('test')
    .description('run config tests: made-up items through the engine of a pipeline, without Kafka and model; exit 1 where one fails')
    .argument('<places...>', 'config tests (*.test.yaml), or folders that hold some')
    .action(async (places: string[]) => (await import('./commands/test.ts')).testCommand(places));
}

function addSetUp(sluice: Command): void {
  sluice
    .command('doctor')
    .description('show every part, its version and what is wrong')
    .option('--json', 'as JSON', false)
    .action(async (flags: { json: boolean }) => (await import('./commands/doctor.ts')).doctorCommand(flags));
  sluice
    .command('schemas')
    .description('the schemas of what goes through Kafka')
    .command('check')
    .description('check that every version of every schema reads what every other wrote')
    .action(async () => (await import('./commands/schemas.ts')).schemasCheckCommand());
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
    .action(async ({ out }: { out: string }) => (await import('./commands/demo.ts')).demoCommand(out));
}
