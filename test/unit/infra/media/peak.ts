/** Run as a process of its own: decodes a file n times at once, all of it as so many crops too, and says by how many MiB the process grew at its peak. */
import { readFileSync } from 'node:fs';
import { SharpDecoder } from '../../../../infra/media/sharp-decoder.ts';
import type { Region } from '../../../../operators/ports.ts';
import { SluiceError } from '../../../../schemas/errors.ts';

const [file = '', n = '1', crops = '0'] = process.argv.slice(2);
const decoder = new SharpDecoder(224, 'squash');
const regionsOf = (width: number, height: number): readonly Region[] => Array.from({ length: Number(crops) }, () => ({ left: 0, top: 0, width, height }));
const before = peak();
const outcomes = await Promise.all(Array.from({ length: Number(n) }, () => decoder.decode({ path: file }, regionsOf).then(() => 'decoded', (error: unknown) => (error instanceof SluiceError ? error.code : String(error)))));
process.stdout.write(JSON.stringify({ outcomes, grown: peak() - before }));

function peak(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
