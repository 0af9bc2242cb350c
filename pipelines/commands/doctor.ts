import type { Part } from '../../infra/doctor.ts';

/** A line for each part, and under it what is wrong and how to mend it. */
export function doctorLines(parts: readonly Part[]): readonly string[] {
  const width = Math.max(...parts.map(({ name }) => name.length));
  return parts.flatMap(({ name, version, ok, problem, fix }) => [
    `${ok ? 'ok ' : 'BAD'}  ${name.padEnd(width)}  ${version ?? '-'}`,
    ...(problem === undefined ? [] : [`     ${problem}`]),
    ...(fix === undefined ? [] : [`     ${fix}`]),
  ]);
}
