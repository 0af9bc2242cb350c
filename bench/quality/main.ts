/**
 * `npm run bench:quality -- [--data DIR] [--out DIR] [--quick] [--orders 5] [--sets imagenette-lt,gtsrb] [--streams] [--rare] [--drift] [--audit] [--validation] [--near-duplicates]`: what a selection is worth, by the macro-F1
 * of a linear probe trained on what it kept. DIR holds the unpacked data sets. Writes tables and histograms into the folder of --out.
 *
 * `--quick`: 25 %, two orders, without the offline selectors. `--streams`: the five made-up streams instead of the sets.
 * `--rare`: instead, how much is admitted of what is rare in each set, into rare.md. `--drift`: instead, a turn of
 * the mixture and its return, into drift.md. `--audit`: instead, how well wrong labels are told, into audit.md. `--validation`: instead, what a validation
 * set curated from wrong labels holds and what it says of curated train data, on imagenette-lt, into validation.md.
 * `--near-duplicates`: instead, where near-duplicates begin and what that catches, into near-duplicates.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { auditTable, withConfusions } from './audit.ts';
import { drift } from './drift.ts';
import { choices, everything, type Judged, Judge, type Measured, MODES } from './measure.ts';
import { nearDuplicates } from './near-duplicates.ts';
import { rareKept } from './rare.ts';
import { line, writeReport } from './report.ts';
import { random } from './selectors.ts';
import { type BenchSet, loadSet } from './sets.ts';
import { madeUpStreams } from './streams.ts';
import { validation } from './validation.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'data' },
    out: { type: 'string', default: 'sluice-out/quality' },
    sets: { type: 'string', default: 'imagenette-lt,gtsrb' },
    orders: { type: 'string' },
    modes: { type: 'string', default: Object.keys(MODES).join(';') },
    quick: { type: 'boolean', default: false },
    streams: { type: 'boolean', default: false },
    rare: { type: 'boolean', default: false },
    drift: { type: 'boolean', default: false },
    audit: { type: 'boolean', default: false },
    'near-duplicates': { type: 'boolean', default: false },
    validation: { type: 'boolean', default: false },
  },
});
const { quick, streams } = values;
const orders = Number(values.orders ?? (quick ? 2 : streams ? 3 : 5));
const budgets = quick || streams ? [0.25] : [0.25, 0.1, 0.4];
const note = `Macro-F1 (%) of a softmax regression (L2 1e-3, until the gradient norm is ≤ 1e-4) on what was kept, tested on the official split; mean of ${orders} orders. "Less random": paired with random choices of the same size from the same order.`;
const full = new Map<string, Judged>();
const measured: Measured[] = [];
const tables: string[] = [];
/** What is measured instead of the choices. */
const APART = {
  rare: (bench: BenchSet) => rareKept(bench, orders),
  drift: (bench: BenchSet) => drift(bench, orders),
  audit: (bench: BenchSet) => auditTable(withConfusions(bench), ['noisy5', 'noisy25', 'confused 9 %', 'confused 17 %'].filter((column) => column.startsWith('confused') || column in bench.set.columns), orders),
  validation: (bench: BenchSet) => validation(bench, orders, values.out),
  'near-duplicates': (bench: BenchSet) => nearDuplicates(values.data, bench, orders),
};
const apart = (['rare', 'drift', 'audit', 'validation', 'near-duplicates'] as const).find((name) => values[name]);
mkdirSync(values.out, { recursive: true });

for (const bench of await benches()) {
  if (apart !== undefined) {
    tables.push(await APART[apart](bench));
    console.log(tables.at(-1));
    continue;
  }
  full.set(bench.name, await everything(bench));
  const judge = new Judge(bench);
  for (const budget of budgets) {
    const kept = { random: async (items: readonly unknown[], seed: number) => random(items.length, Math.round(budget * items.length), seed), ...choices(bench, budget, values.modes.split(';'), !quick && !streams) };
    for (const [name, choice] of Object.entries(kept)) {
      const judged: Judged[] = [];
      for (let seed = 1; seed <= orders; seed++) judged.push(await judge.judge(choice, seed));
      const each = { set: bench.name, budget, name, orders: judged };
      measured.push(each);
      console.log(`${bench.name} ${line(each)}`);
      // A long run that is stopped leaves what it has found.
      writeReport(values.out, note, full, measured);
    }
  }
}
if (apart !== undefined) writeFileSync(join(values.out, `${apart}.md`), `${tables.join('\n\n')}\n`);
else console.log(`tables and plots: ${values.out}/quality.md`);

async function benches(): Promise<readonly BenchSet[]> {
  if (streams) return await madeUpStreams(values.data, await loadSet(values.data, 'imagenette-lt'));
  return await Promise.all((values.validation ? 'imagenette-lt' : values.sets).split(',').map((name) => loadSet(values.data, name)));
}
