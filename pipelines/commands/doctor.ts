/** `sluice doctor`: every part, its version, what is wrong and how to mend it; exit 1 where something is. */
import { examine, type Part } from '../../infra/doctor.ts';
import { printLines } from './printable.ts';

export async function doctorCommand({ json }: { json: boolean }): Promise<void> {
  const parts = await examine();
  printLines(json ? [JSON.stringify(parts)] : doctorLines(parts));
  if (parts.some(({ ok }) => !ok)) process.exitCode = 1;
}

/** A line for each part, and under it what is wrong and how to mend it. */
export function doctorLines(parts: readonly Part[]): readonly string[] {
  const width = Math.max(...parts.map(({ name }) => name.length));
  return parts.flatMap(({ name, version, ok, problem, fix }) => [
    `${ok ? 'ok ' : 'BAD'}  ${name.padEnd(width)}  ${version ?? '-'}`,
    ...(problem === undefined ? [] : [`     ${problem}`]),
    ...(fix === undefined ? [] : [`     ${fix}`]),
  ]);
}
