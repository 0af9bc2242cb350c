/** Python with other people's readers of formats (test/readers/install.mjs). */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const READERS = fileURLToPath(new URL('../../.cache/readers', import.meta.url));

/** What a script prints as JSON. @param args its sys.argv[1:] */
export function python(script: string, ...args: readonly string[]): unknown {
  return JSON.parse(execFileSync('python3', ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28, env: { ...process.env, PYTHONPATH: READERS } }));
}
