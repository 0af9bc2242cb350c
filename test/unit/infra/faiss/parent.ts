/** Run as a process of its own: opens an index, says the pids, answers one search a line of stdin, and ends when told to. */
import { createInterface } from 'node:readline';
import { openIndex } from '../../../../infra/faiss/index.ts';
import { indexProcesses } from './processes.ts';

const index = await openIndex(4);
await index.add(new Float32Array(8).fill(0.5));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.stdout.write(`${signal}\n`));
process.stdout.write(`${indexProcesses().join()}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') break;
  process.stdout.write(`${await index.search(new Float32Array(4).fill(0.5), 1).then(({ similarities }) => similarities.join(), String)}\n`);
}
await index.close();
process.stdin.destroy();
