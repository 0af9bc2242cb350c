/**
 * The system's ffmpeg as a child process, without a shell. It is in a process group of its own: Ctrl-C in a terminal is for Sluice to act on, not for a
 * child that would then end as if the video did.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { SluiceError } from '../../schemas/errors.ts';

/** Characters of what it says that are kept, the first ones. */
const KEPT = 4096;
/** What it ends with when it is told to end. */
const TOLD_TO_END = 255;

export class MediaProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #failure: Error | null = null;
  #said = '';

  /** @param command `ffmpeg` or `ffprobe`, looked for along PATH. @param pipes outputs it has: 1 is its standard output, further ones are the file descriptors from 3 on beside it */
  constructor(command: 'ffmpeg' | 'ffprobe', args: readonly string[], pipes: 1 | 2 | 4) {
    // Of the environment nothing else: FFREPORT would have it write files.
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' };
    this.#child = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe', ...Array.from({ length: pipes - 1 }, () => 'pipe' as const)] });
    this.#child.once('error', (error) => (this.#failure = error));
    this.#closed = new Promise((resolve) => this.#child.once('close', resolve));
    const stderr = this.output(2).setEncoding('utf8');
    // Read to its end whatever it says: a full pipe would stop it.
    stderr.on('data', (text: string) => (this.#said += text.slice(0, KEPT - this.#said.length)));
  }

  /** @param fd 1, 2, or from 3 on */
  output(fd: number): Readable {
    const stream = this.#child.stdio[fd];
    if (stream !== null && stream !== undefined && 'read' in stream) return stream;
    throw new SluiceError('SLUICE_E_INTERNAL', `a process without the output ${fd}`);
  }

  /**
   * Waits for its end. @returns whether it ended well, and its first complaint as it may be shown; '' where it had none
   * @throws SluiceError SLUICE_E_FFMPEG where it could not be started, or did not end by itself
   */
  async end(): Promise<{ readonly well: boolean; readonly complaint: string }> {
    // What nobody has read must not keep it from ending.
    for (const stream of this.#child.stdio) if (stream !== null && stream !== undefined && 'resume' in stream) stream.resume();
    await this.#closed;
    if (this.#failure !== null) {
      const why = 'code' in this.#failure && this.#failure.code === 'ENOENT' ? 'it was not found along PATH' : this.#failure.message;
      throw new SluiceError('SLUICE_E_FFMPEG', `${this.#child.spawnfile} could not be started: ${why}`, { cause: this.#failure });
    }
    const { exitCode, signalCode } = this.#child;
    if (signalCode !== null || exitCode === TOLD_TO_END) throw new SluiceError('SLUICE_E_FFMPEG', `${this.#child.spawnfile} was ended by another process (${signalCode ?? 'on request'})`);
    return { well: exitCode === 0, complaint: firstComplaint(this.#said) };
  }

  /** Ends it at once, and resolves when it is gone. */
  async close(): Promise<void> {
    this.#child.kill('SIGKILL');
    for (const stream of this.#child.stdio) stream?.destroy();
    await this.#closed;
  }
}

/** The first line, without addresses in memory, which differ each time, and without control characters. */
export function firstComplaint(said: string): string {
  const lines = said.split(/[\r\n]+/).map((line) => line.replace(/ @ 0x[0-9a-f]+/g, '').replaceAll(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu, ' ').trim());
  return (lines.find((line) => line !== '') ?? '').slice(0, 200).toWellFormed();
}
