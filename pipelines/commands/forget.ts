/** `sluice forget DIR ID… | --stream S --before T`: takes items out of an output folder for good. `sluice forget PIPELINE.yaml ID…`: has the workers do so. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseTime } from '../../infra/sources/time.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { forget, type ForgetSummary, type Forgotten } from '../forget.ts';
import { printable } from './printable.ts';
import { reportOn } from './report.ts';

export interface ForgetFlags {
  readonly stream?: string;
  readonly before?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export async function forgetCommand(dir: string, ids: readonly string[], { stream, before, dryRun, json }: ForgetFlags): Promise<void> {
  if (statSync(dir, { throwIfNoEntry: false })?.isFile() === true) {
    if (ids.length === 0 || stream !== undefined || before !== undefined || dryRun) throw new SluiceError('SLUICE_E_USAGE', 'a pipeline forgets items by their ids alone; --stream, --before and --dry-run are for the folder of a run');
    return (await import('./forget-streamed.ts')).forgetStreamed(dir, ids, json);
  }
  const summary = await forget(dir, whatOf(ids, stream, before), dryRun);
  const shown = !dryRun && existsSync(join(dir, 'report.html'));
  if (shown) await reportOn(dir);
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stderr.write(`${forgetLines(summary, dryRun, shown).join('\n')}\n`);
}

function whatOf(ids: readonly string[], stream: string | undefined, before: string | undefined): Forgotten {
  if (ids.length > 0 && stream === undefined && before === undefined) return { ids };
  if (ids.length > 0 || stream === undefined || before === undefined) throw new SluiceError('SLUICE_E_USAGE', 'give ids, or --stream and --before');
  const time = parseTime(before);
  if (time === null) throw new SluiceError('SLUICE_E_USAGE', `--before ${before} is no time; give ISO 8601 such as 2026-01-31T12:00:00Z`);
  return { stream, before: time };
}

export function forgetLines({ forgotten, dead, already, unknown, media, elsewhere }: ForgetSummary, dry: boolean, shown: boolean): readonly string[] {
  const found = `${forgotten} ${forgotten === 1 ? 'item' : 'items'}${dead === 0 ? '' : ` and ${dead} dead ${dead === 1 ? 'letter' : 'letters'}`}`;
  return [
    dry ? `${found} would be forgotten; nothing was changed` : `${found} forgotten, ${media} ${media === 1 ? 'picture' : 'pictures'} removed`,
    ...(already > 0 ? [`${already} forgotten before`] : []),
    ...(unknown > 0 ? [`${unknown} unknown ids`] : []),
    ...(elsewhere > 0 ? [`${elsewhere} of the pictures lie outside the folder, where they came from: remove them there`] : []),
    ...(shown ? ['report.html was written anew'] : []),
    ...(dry ? [] : ['exports, alerts and messages that went out before are not reached']),
  ].map(printable);
}
