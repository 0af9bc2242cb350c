/** `sluice correct DIR --labels FILE`: labels that were wrong are taken back, and the right ones learned in their place. */
import { correctLabels, type CorrectSummary } from '../correct.ts';
import { printable } from './printable.ts';

export interface CorrectFlags {
  readonly labels: string;
  readonly json: boolean;
}

/** Bad rows shown to people; a summary line has all. */
const MOST = 20;

export async function correctCommand(dir: string, { labels, json }: CorrectFlags): Promise<void> {
  const summary = await correctLabels({ dir, labels });
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stderr.write(`${correctLines(dir, summary).join('\n')}\n`);
}

export function correctLines(dir: string, { corrected, unchanged, unknown, bad, review }: CorrectSummary): readonly string[] {
  const rest = bad.length - MOST;
  return [
    ...bad.slice(0, MOST).map(({ cause, code }) => `${cause} [${code}]`),
    ...(rest > 0 ? [`and ${rest} more bad rows`] : []),
    `${corrected} corrected, ${unchanged} as they were, ${unknown} unknown ids, ${bad.length} bad rows`,
    ...(review > 0 ? [`${review} of the corrected ones still look wrong beside what else is known`] : []),
    ...(corrected > 0 ? [`sluice report ${dir} writes the report anew`] : []),
  ].map(printable);
}
