/** `npm run test:faults -- --seeds 50 --from 1`: the fault suite against a real broker. Exit 1 on any violation; the last line is the count. */
import { parseArgs } from 'node:util';
import { startBroker } from '../../support/broker.ts';
import { runSeed } from './scenario.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '50' }, from: { type: 'string', default: '1' }, log: { type: 'boolean', default: false } } });
const [seeds, from] = [Number(values.seeds), Number(values.from)];
const broker = await startBroker();
let count = 0;
try {
  for (let seed = from; seed < from + seeds; seed++) {
    const start = performance.now();
    const { violations, log } = await runSeed(seed, broker);
    count += violations.length;
    console.log(`seed ${seed}: ${violations.length === 0 ? 'good' : violations.join('\n  ')} (${((performance.now() - start) / 1000).toFixed(0)} s)`);
    if (violations.length > 0 || values.log) console.log(log);
  }
} finally {
  await broker.stop();
}
console.log(`${seeds} seeds, ${count} violations`);
process.exitCode = count === 0 ? 0 : 1;
