/** `npm run broker`: a Kafka broker to try things with, as a process on this machine's address 127.0.0.1:9092. It forgets everything when it is stopped. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startProcess } from './process.ts';
import { planOf } from './properties.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '9092' } } });
const port = Number(values.port);
const stopped = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)));
try {
  const engine = await startProcess(planOf({}), new Map(), port);
  process.stderr.write(`Kafka is at 127.0.0.1:${port}; Ctrl-C ends it, and all that it holds\n`);
  // Nothing else keeps this process alive.
  const alive = setInterval(() => {}, 1 << 30);
  await stopped;
  clearInterval(alive);
  await engine.stop();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
