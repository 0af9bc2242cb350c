/** `sluice rescue DIR ID…`: a person admits what was rejected, or with --reject the other way. */
import { type RescueSummary, turnVerdicts } from '../rescue.ts';
import { printable } from './printable.ts';

export interface RescueFlags {
  readonly reject: boolean;
  readonly json: boolean;
}

/** Ids shown to people; a summary line has all. */
const MOST = 20;

export async function rescueCommand(dir: string, ids: readonly string[], { reject, json }: RescueFlags): Promise<void> {
  const summary = await turnVerdicts(dir, ids, reject ? 'reject' : 'admit');
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stderr.write(`${rescueLines(dir, summary, reject).join('\n')}\n`);
  if (summary.unknown.length + summary.unseen.length > 0) process.exitCode = 1;
}

export function rescueLines(dir: string, { turned, unchanged, unknown, unseen, copied, lost }: RescueSummary, reject: boolean): readonly string[] {
  return [
    `${turned} ${reject ? 'taken out' : 'rescued'}, ${unchanged} as they were, ${unknown.length} unknown ids${copied > 0 ? `, ${copied} ${copied === 1 ? 'picture' : 'pictures'} copied from the source` : ''}`,
    ...some(unknown).map((id) => `${id} has no verdict`),
    ...some(unseen).map((id) => `${id} was rejected as unchanged and never looked at; rescue the frame before it that was`),
    ...some(lost).map((id) => `${id}: its picture is not there any more; all there is of it is a thumbnail, if it was kept, and an export will lack it`),
    ...(turned > 0 ? [`sluice report ${dir} writes the report anew`] : []),
  ].map(printable);
}

function some(ids: readonly string[]): readonly string[] {
  return ids.length <= MOST ? ids : [...ids.slice(0, MOST), `and ${ids.length - MOST} more`];
}
