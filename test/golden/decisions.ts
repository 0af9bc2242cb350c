/**
 * Golden decisions: a stored stream of embeddings (decisions.bin, int8 [ITEMS, 16], made once from SPECS) and what was decided of it, run by run (decisions.txt).
 * Write the decisions again, after they were changed on purpose: `UPDATE_GOLDEN=1 npm test -- test/golden/decisions.test.ts`; the difference says what became of whom.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Embedded, Failed } from '../../operators/items.ts';
import type { EngineSettings } from '../../operators/state/engine.ts';
import type { External } from '../../operators/state/external.ts';
import { uniform } from '../../operators/state/hash.ts';
import { packLabel } from '../../operators/state/late-label.ts';
import type { Policy } from '../../operators/state/policy.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { decideAll, type MemoryStore } from '../support/embedded-host.ts';
import { D, GOOD, items, settings, type Spec } from '../support/streams.ts';

const ITEMS = 900;
/** Items in a line of the golden file. */
const LINE = 20;
const START = Date.UTC(2026, 0, 1);

export const GOLDEN = new URL('./decisions.txt', import.meta.url);

/** A long tail of kinds, a new one late, near copies, wrong labels, dark pictures, two cameras, one late item, one that cannot be read. */
const SPECS: readonly Spec[] = Array.from({ length: ITEMS }, (_, i) => {
  const kind = i >= 600 && i % 30 === 7 ? 12 : Math.floor(12 * uniform(7, `kind ${i}`) ** 2);
  return {
    kind,
    jitter: i % 9 === 4 ? 0.02 : 0.5,
    label: `class ${(i % 16 === 5 ? kind + 3 : kind) % 8}`,
    stream: i % 3 === 0 ? 'gate' : 'yard',
    time: START + 20_000 * (i === 500 ? 400 : i),
    failed: i === 400,
    ...(i % 23 === 11 ? { quality: { ...GOOD, brightness: 0.01 } } : {}),
  };
});

/** Divided by its length here, so that no more than a byte a number is stored. */
function stored(): readonly (Embedded | Failed)[] {
  const bytes = new Int8Array(readFileSync(new URL('./decisions.bin', import.meta.url)));
  return items(1, SPECS).map((item, i) => {
    if (!('embedding' in item)) return item;
    const x = Float32Array.from(bytes.subarray(i * D, (i + 1) * D));
    const norm = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
    return { ...item, embedding: x.map((value) => value / norm) };
  });
}

const STREAM = stored();
const timeless = STREAM.map((item) => ('sample' in item ? { ...item, sample: { ...item.sample, time: null } } : item));
/** What somebody says 60 items later of every tenth item: the class of its kind. */
const LATE: readonly External[] = SPECS.flatMap(({ kind }, i) => (i % 10 === 3 && i + 60 < ITEMS ? [{ after: i + 60, label: { id: `item-${i}`, classes: [`class ${kind % 8}`], letter: new Uint8Array() } }] : [])).map(
  ({ after, label }, n) => ({ n, kind: 'label', after, payload: packLabel(label) }),
);
/** So few clusters that they are merged again and again. */
const FEW: Policy = { ...DEFAULT_POLICY, clusters: { max: 6, maxCold: 3, promoteAt: 4.5, spread: 0.5 } };
const WISHES: Policy = { ...DEFAULT_POLICY, targets: [{ class: 'class 7', count: 30 }, { class: 'nowhere', share: 0.2 }, { stream: 'gate', share: 0.5 }] };

interface Run {
  readonly settings: Partial<EngineSettings>;
  readonly times?: true;
  readonly events?: readonly External[];
}

export const RUNS: Readonly<Record<string, Run>> = {
  'no labels': { settings: { reveal: { when: 'never' } } },
  'labels of admitted items, 50 late': { settings: { reveal: { when: 'admitted', after: 50 } } },
  'labels with the sample': { settings: {} },
  'labels from outside': { settings: { reveal: { when: 'never' }, lateLabels: true }, events: LATE },
  'a validation set': { settings: { purpose: 'validation', budget: 0.4 } },
  'a part for validation': { settings: { validationShare: 0.3, budget: 0.4 } },
  'a rate': { settings: { budget: { items: 40, seconds: 3600 } }, times: true },
  'a budget for each stream': { settings: { per: 'stream' } },
  wishes: { settings: { policy: WISHES } },
  'few clusters': { settings: { policy: FEW, budget: 0.5, validationShare: 0.3 } },
};

/** @param policy in place of the run's own */
export async function decided(run: Run, policy?: Policy): Promise<readonly string[]> {
  const base = settings({ ...run.settings, ...(policy === undefined ? {} : { policy }) });
  return linesOf(await decideAll(base, run.times ? STREAM : timeless, { events: run.events ?? [] }));
}

/** The first reason of each, as one letter. Who was admitted has a capital. */
const LETTERS: Readonly<Record<string, string>> = {
  above_cut: 'C', reserve: 'R', budget_to_spend: 'S', below_cut: 'c', no_budget: 'b', class_cover: 'V', cover_awaited: 'v', near_duplicate: 'n', exact_duplicate: 'e', too_dark: 'd', unaudited: 'u', suspicious_label: 'w',
};

/** A line for each 20 items: seq of the first, a letter for each (`.`: dead), and a hash of all that was said of them, to nine digits: other kinds of CPU may differ behind those. */
function linesOf({ batches, decisions }: MemoryStore): readonly string[] {
  const bySeq = new Map(decisions.map((decision) => [decision.seq, decision]));
  const amends = batches.flatMap((batch) => batch.amends);
  return Array.from({ length: Math.ceil(ITEMS / LINE) }, (_, line) => {
    const seqs = Array.from({ length: LINE }, (__, i) => line * LINE + i);
    const letters = seqs.map((seq) => {
      const code = bySeq.get(seq)?.reasons[0]?.code;
      return code === undefined ? '.' : (LETTERS[code] ?? '?');
    });
    const said = seqs.map((seq) => [{ ...bySeq.get(seq), embedding: null }, amends.filter((amend) => amend.seq === seq)]);
    const text = JSON.stringify(said, (_key, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value));
    return `${String(line * LINE).padStart(3)} ${letters.join('')} ${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
  });
}
