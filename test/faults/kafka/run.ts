/** `npm run test:faults -- --seeds 50 --from 1`: the fault suite against a real broker. Exit 1 on any violation; the last line is the count. */
import { parseArgs } from 'node:util';
import { startBroker } from '../../support/broker.ts';
import { DISTURBANCES } from './disturb.ts';
import { runSeed } from './scenario.ts';

/** A seed takes at most so long. */
const LIMIT_S = 60;

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '50' }, from: { type: 'string', default: '1' }, log: { type: 'boolean', default: false } } });
const [seeds, from] = [Number(values.seeds), Number(values.from)];
const broker = await startBroker();
const all: string[] = [];
let [count, refused] = [0, 0];
try {
  for (let seed = from; seed < from + seeds; seed++) {
    const start = performance.now();
    const { violations, happened, fenced, repeated, changelog, log } = await runSeed(seed, broker);
    const seconds = (performance.now() - start) / 1000;
    const wrong = seconds > LIMIT_S ? [...violations, `it took more than ${LIMIT_S} s`] : violations;
    count += wrong.length;
    refused += fenced;
    all.push(...happened);
    console.log(`seed ${seed}: ${wrong.length === 0 ? 'good' : wrong.join('\n  ')} (${seconds.toFixed(0)} s; ${happened.join(', ')}; ${fenced} commits fenced; ${repeated} repeats skipped; changelog compacted from ${changelog.written} records to ${changelog.left})`);
    if (wrong.length > 0 || values.log) console.log(log);
  }
} finally {
  await broker.stop();
}
const times = (name: string): number => all.filter((one) => one === name).length;
console.log(`broker: ${broker.kind}; happened: ${DISTURBANCES.map(({ name }) => `${name} ${times(name)}`).join(', ')}; commits fenced ${refused}`);
console.log(`${seeds} seeds, ${count} violations`);
process.exitCode = count === 0 ? 0 : 1;
