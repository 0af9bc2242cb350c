import { type Command, Option } from 'commander';
import { KINDS } from '../infra/sources/kinds.ts';
import { REJECTED_THUMBNAILS } from '../operators/state/reservoir.ts';
import type { CurateFlags } from './commands/curate.ts';
import { DEFAULT_WORKERS } from './config/settings.ts';

/** What a command takes as a source, for its help. */
export const SOURCE = KINDS.map(({ known }) => known).join(', ');

/** Where looking at a source does not tell its format. */
export function formatOption(flag = '--format', of = 'source'): Option {
  return new Option(`${flag} <format>`, `format of the ${of}, where looking does not tell it`).choices(KINDS.map(({ name }) => name));
}

export function addCurate(sluice: Command): void {
  sluice
    .command('curate')
    .description('decide every image of a source; the same command again goes on where it stopped')
    .argument('<source>', SOURCE)
    .requiredOption('--out <dir>', 'folder for the verdicts (sluice.db) and the report')
    .addOption(formatOption())
    .option('--root <dir>', 'what the paths of a manifest or an annotation file are relative to (default: its own folder)')
    .option('--budget <budget>', 'share of the images to admit, or so many per minute, hour or day of their times, such as 100/hour', '0.25')
    .option('--budget-per <what>', 'whose budget it is: fleet (all streams share it, where much is new spending more of it) or stream (each has its own)', 'fleet')
    .option('--labels <file>', 'CSV path,label; paths equal to the ids')
    .option('--predictions <file>', "COCO results (a JSON list of image_id, category_id, bbox, score) of a COCO JSON's images: overlooked, badly located and swapped objects")
    .option('--reveal <when>', 'when the engine is shown the labels there are: all (with the sample), never, admitted:<n> (n items after an admitted one)', 'all')
    .option('--objects <what>', 'objects of a labelled image that are embedded as crops of their own: auto (up to 32), off, or so many at most; with --reveal all', 'auto')
    .option('--health <what>', 'alerts on cameras that are covered, dark, out of focus, frozen, moved…: auto (of videos), on or off', 'auto')
    .option('--gate <what>', 'frames that show what their camera showed before are rejected without being embedded: auto (of videos) or off', 'auto')
    .option('--purpose <purpose>', 'what the selection is for: train or validation; a validation set takes no suspicious labels', 'train')
    .option('--validation-share <share>', 'part of what a train run admits that is for validation, by whole clusters; see split in the export', '0')
    .option('--guard <dir>', 'output folder of another run: what is nearly the same as a picture admitted there is not admitted here')
    .option('--known <place>', 'a data set that is there already (another output folder, or what curate reads): only what it lacks is admitted')
    .addOption(formatOption('--known-format', 'known data set'))
    .option('--known-root <dir>', 'what the paths of a known manifest or annotation file are relative to (default: its own folder)')
    .option('--fit <fit>', "how a picture meets the model's square: crop, squash or tiles (default: crop; of a video squash)")
    .option('--model <file>', 'embedding model: an ONNX file, or a YAML file that describes one (docs/embeddings.md)')
    .option('--embeddings <file>', 'embeddings of your own, by id, in place of a model: .npy with FILE.ids.jsonl, or .parquet (docs/embeddings.md)')
    .option('--fps <n>', 'of a video, so many frames a second (default: every frame)')
    .option('--policy <file>', 'YAML with weights and thresholds; what it leaves out has its default')
    .option('--campaigns <file>', 'YAML of what is asked for or not wanted (docs/campaigns.md); it is read again when it changes', undefined)
    .option('--seed <n>', 'seed of all draws', '0')
    .option('--batch <n>', 'images handed out and written at once; changes no decision', '64')
    .option('--workers <n>', 'embedding threads; changes no decision', String(DEFAULT_WORKERS))
    .option('--rejected-thumbnails <n>', 'thumbnails of rejected images that are kept, a random sample; changes no decision', String(REJECTED_THUMBNAILS))
    .option('--change', 'go on with other settings than the folder was made with, from here', false)
    .option('--retry', 'try bad files again that were mended since; each gets a new place in the stream', false)
    .option('--no-report', 'write no report.html')
    .option('--json', 'one summary line on stdout', false)
    .action(async (source: string, flags: CurateFlags) => (await import('./commands/curate.ts')).curateCommand(source, flags));
}
