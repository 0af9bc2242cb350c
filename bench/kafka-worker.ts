/** A worker of the Kafka bench: `sluice run` as a process of its own, watched through its metrics. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../pipelines/cli.ts', import.meta.url));
/** Looking costs the worker a few milliseconds. */
const LOOK_MS = 250;

export interface Pipeline {
  readonly folder: string;
  readonly broker: string;
  readonly name: string;
  readonly reveal: string;
  readonly workers: number;
  readonly batch: number;
}

export const samplesOf = (name: string): string => `${name}-samples`;

interface Seen {
  readonly decided: number;
  readonly admitted: number;
  readonly clusters: number;
  /** Milliseconds, of performance.now(). */
  readonly at: number;
}

export class Worker {
  readonly #child: ChildProcessByStdio<null, null, Readable>;
  #said = '';

  constructor({ folder, broker, name, reveal, workers, batch }: Pipeline) {
    const file = join(folder, `${name}.yaml`);
    const sinks = ['decisions', 'alerts', 'clusters', 'changelog', 'dead'].map((kind) => `${kind}: ${name}-${kind}`).join(', ');
    const source = `brokers: ["${broker}"], topic: ${samplesOf(name)}, batch: ${batch}`;
    writeFileSync(file, `name: ${name}\nsource: { kafka: { ${source} } }\nsinks: { kafka: { ${sinks}, replicas: 1 } }\nlabels: { reveal: "${reveal}" }\nworkers: ${workers}\nhttp: { port: 0 }\n`);
    this.#child = spawn(process.execPath, [CLI, 'run', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
  }

  /** The first match in what it has said. */
  async said(wanted: RegExp): Promise<string> {
    for (;;) {
      const found = wanted.exec(this.#said)?.[1];
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null) throw new Error(`the worker has ended:\n${this.#said}`);
      await sleep(LOOK_MS);
    }
  }

  /** Waits until its counts are as wanted. */
  async until(wanted: (seen: Seen) => boolean): Promise<Seen> {
    const url = `${await this.said(/health and metrics at (\S+)/)}/metrics`;
    for (;;) {
      const text = await (await fetch(url)).text();
      const sum = (lines: RegExp): number => [...text.matchAll(lines)].reduce((total, [, value]) => total + Number(value), 0);
      const decided = sum(/^sluice_items_decided_total\{.*\} (\d+)$/gm);
      const seen = { decided, admitted: sum(/^sluice_items_decided_total\{.*verdict="admit".*\} (\d+)$/gm), clusters: sum(/^sluice_clusters\{.*\} (\d+)$/gm), at: performance.now() };
      if (sum(/^sluice_dead_letters_total\{.*\} (\d+)$/gm) > 0) throw new Error(`there are dead letters:\n${this.#said}`);
      if (wanted(seen)) return seen;
      await sleep(LOOK_MS);
    }
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
