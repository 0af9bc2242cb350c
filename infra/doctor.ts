// What `sluice doctor` says: the parts Sluice stands on, their versions, and how to mend what is wrong.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SET_UP } from './command.ts';

/** One part: `ok` false means Sluice does not work, or not well, without mending it. */
export type Part = { name: string; version: string | null; ok: boolean; problem?: string; fix?: string };

const here = dirname(fileURLToPath(import.meta.url));
const GIB = 1024 ** 3;

const MODEL = 'efficientnet-lite0-256-int8.onnx';
const MODEL_SHA256 = 'e641363c8605'; // of the published file; its first 12 digits

/** Examines all parts at once. Native code is tried in processes of its own: a crash there is a finding here. */
export async function examine(): Promise<Part[]> {
  const tried = await Promise.all([onnxruntime(), model(), faiss(), sharp(), sqlite(), ffmpeg(), disk(process.cwd())]);
  return [node(), ...tried, memory(), cores()];
}

/** Node by its version, as it is in `process.version`. */
export function node(version: string = process.version): Part {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const part = { name: 'Node', version: version.replace(/^v/, '') };
  if (major > 22 || (major === 22 && minor >= 15)) return { ...part, ok: true };
  return { ...part, ok: false, problem: 'Sluice needs Node 22.15 or newer', fix: `${SET_UP}, which brings Node 24, then run Sluice by npm` };
}

function onnxruntime(): Promise<Part> {
  // As in infra/onnx: the runtime is to tell nobody that it was used.
  const program = `process.env.ORT_DISABLE_TELEMETRY = '1'; const { env } = require('onnxruntime-node'); console.log(JSON.stringify([env.versions.node ?? env.versions.common, '']))`;
  return native('onnxruntime-node', program);
}

function faiss(): Promise<Part> {
  const program = `
    const { IndexFlatIP } = require('faiss-node');
    const index = new IndexFlatIP(4);
    index.add([1, 0, 0, 0, 0, 1, 0, 0]);
    const { labels } = index.search([0, 1, 0, 0], 1);
    const { version } = JSON.parse(require('fs').readFileSync(require.resolve('faiss-node/package.json'), 'utf8'));
    console.log(JSON.stringify([version, labels[0] === 1 ? '' : 'a search found the wrong vector']));`;
  return native('faiss-node', program);
}

function sharp(): Promise<Part> {
  const program = `
    const sharp = require('sharp');
    const read = Object.values(sharp.format).filter((format) => format.input.buffer).map((format) => format.id);
    const lacking = ['jpeg', 'png', 'webp'].filter((id) => !read.includes(id));
    const version = sharp.versions.sharp + ' (libvips ' + sharp.versions.vips + '; reads ' + read.sort().join(' ') + ')';
    console.log(JSON.stringify([version, lacking.length ? 'it cannot read ' + lacking.join(', ') : '']));`;
  return native('sharp', program);
}

/** Runs a CommonJS program that prints [version, problem or ''] as its last line. */
export async function native(name: string, program: string): Promise<Part> {
  const { output, failure } = await runToEnd(process.execPath, ['--input-type=commonjs', '-e', program]);
  if (failure !== null) return { name, version: null, ok: false, problem: failure, fix: SET_UP };
  const [version, problem] = answerOf(output);
  return problem === '' ? { name, version, ok: true } : { name, version, ok: false, problem, fix: SET_UP };
}

function answerOf(output: string): [version: string | null, problem: string] {
  try {
    const answer: unknown = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    if (Array.isArray(answer) && typeof answer[0] === 'string' && typeof answer[1] === 'string') return [answer[0], answer[1]];
  } catch {
    // Said below.
  }
  return [null, 'it loads, but gives no answer'];
}

/** The model file: in models/ beside the sources, or beside what was compiled from them (dist/). */
export async function model(folders: string[] = [join(here, '..', 'models'), join(here, '..', '..', 'models')]): Promise<Part> {
  const name = `model ${MODEL}`;
  const path = folders.map((folder) => join(folder, MODEL)).find((candidate) => existsSync(candidate));
  const fix = `git checkout -- models/${MODEL}`;
  if (path === undefined) return { name, version: null, ok: false, problem: 'the file is not there', fix };
  const digest = createHash('sha256').update(await readFile(path)).digest('hex').slice(0, MODEL_SHA256.length);
  const part = { name, version: `sha256 ${digest}` };
  return digest === MODEL_SHA256 ? { ...part, ok: true } : { ...part, ok: false, problem: `its sha256 should begin with ${MODEL_SHA256}`, fix };
}

async function sqlite(): Promise<Part> {
  const version = process.versions['sqlite'] ?? null;
  try {
    const { DatabaseSync } = await import('node:sqlite');
    new DatabaseSync(':memory:').close();
    return { name: 'node:sqlite', version, ok: true };
  } catch (error) {
    return { name: 'node:sqlite', version, ok: false, problem: String(error), fix: `${SET_UP}, which brings a Node that has it` };
  }
}

/** Optional: good without it, with a note. */
export async function ffmpeg(command = 'ffmpeg'): Promise<Part> {
  const { output, failure } = await runToEnd(command, ['-version']);
  const version = /^ffmpeg version (\S+)/m.exec(output)?.[1] ?? null;
  if (failure === null && version !== null) return { name: 'ffmpeg', version, ok: true };
  const problem = 'not found; videos need it (5.1 or newer, with ffprobe), all else does not';
  return { name: 'ffmpeg', version: null, ok: true, problem, fix: 'Debian, Ubuntu: sudo apt-get install ffmpeg; Fedora: sudo dnf install ffmpeg-free; macOS: brew install ffmpeg' };
}

/** Free space where results would be written. */
export async function disk(folder: string, leastBytes: number = GIB): Promise<Part> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const part = { name: 'free disk space', version: `${(free / GIB).toFixed(1)} GiB` };
  return free >= leastBytes ? { ...part, ok: true } : { ...part, ok: false, problem: 'a run may fill the disk', fix: 'free some, or give --out on another disk' };
}

/** Memory this process may have, which a container can limit below what the machine has. */
export function memory(available: number = process.availableMemory()): Part {
  const part = { name: 'available memory', version: `${(available / GIB).toFixed(1)} GiB` };
  return available >= GIB ? { ...part, ok: true } : { ...part, ok: false, problem: 'the default memory of 100,000 vectors wants 1 GiB', fix: 'lower memory.max in the policy' };
}

function cores(): Part {
  return { name: 'cores', version: String(availableParallelism()), ok: true };
}

type Ended = { output: string; failure: string | null };

function runToEnd(command: string, args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: here, timeout: 60_000, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) return resolve({ output: stdout, failure: null });
      if (error.killed) return resolve({ output: stdout, failure: 'no answer within a minute' });
      if (error.signal) return resolve({ output: stdout, failure: `it ended the process (${error.signal})` });
      const said = /^(?:[A-Z]\w*)?Error: (.*)$/m.exec(stderr)?.[1];
      resolve({ output: stdout, failure: said ?? error.message.split('\n')[0] ?? 'it failed' });
    });
  });
}
