/** `sluice replay`, without its words: a recorded stream is decided again with other settings, and both runs are compared with each other and with chance. */
import { openIndex } from '../../infra/faiss/index.ts';
import { openReader } from '../../infra/store/reader.ts';
import type { Reader, RunConfig } from '../../infra/store/types.ts';
import type { EngineSettings } from '../../operators/state/engine.ts';
import type { Memory } from '../../operators/state/memory.ts';
import { externalOf } from '../../operators/state/external.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { closing } from '../closing.ts';
import type { Guarded } from '../curate.ts';
import { readGuard } from '../guarded.ts';
import { knownBefore } from '../known.ts';
import { recordedSettings } from '../reopened.ts';
import { type Choice, CHOICES, choicesOf, compare, type Comparison, drawn, type Example, examplesOf, PROBED } from './compare.ts';
import { coverage, type Coverage } from './coverage.ts';
import { redecide, type Twice } from './redecide.ts';

/** Settings in place of those on record. */
export type Overrides = Partial<Pick<EngineSettings, 'policy' | 'budget' | 'per' | 'seed' | 'purpose' | 'reveal'>>;

/** A setting whose value is another in the replay, as texts. */
interface Differing {
  readonly name: string;
  readonly recorded: string;
  readonly replay: string;
}

export interface ReplayResult extends Comparison {
  readonly coverage: Readonly<Record<Choice, Coverage | null>>;
  readonly settings: readonly Differing[];
  readonly examples: { readonly gained: readonly Example[]; readonly lost: readonly Example[] };
  /** What the replay could not do as the record did, in sentences. */
  readonly notes: readonly string[];
  /** From the first item to the last verdict. */
  readonly seconds: number;
}

/** @throws SluiceError SLUICE_E_NOT_FOUND where the folder holds no verdict */
export function replay(dir: string, overrides: Overrides, signal: AbortSignal): Promise<ReplayResult> {
  return closing(async (later) => {
    const reader = openReader(dir);
    later(async () => reader.close());
    const runs = reader.runs();
    const config = runs.at(-1)?.config;
    const [first] = reader.decisions();
    if (config === undefined || first === undefined) throw new SluiceError('SLUICE_E_NOT_FOUND', `${dir} holds no verdicts yet.`);
    const dimension = reader.embedding(first.seq).length;
    const settings = settingsFrom(config, dimension, overrides);
    const index = await openIndex(dimension);
    later(() => index.close());
    const indexed = async (memory: Memory): Promise<Guarded> => {
      const own = await openIndex(dimension);
      later(() => own.close());
      return { index: own, memory };
    };
    const guarded = config.guard === null ? null : await indexed(readGuard(config.guard, dir).memory);
    const held = config.known === null ? null : knownBefore(config.known, dir);
    const known = held === null ? null : await indexed(held.memory);
    const start = performance.now();
    const items = await redecide(reader, index, held === null ? settings : { ...settings, known: held.counts }, { guarded, known }, signal);
    const seconds = (performance.now() - start) / 1000;
    const choices = choicesOf(items, settings.seed);
    const probes = drawn(items, settings.seed, 'probe', PROBED).map((i) => items[i]?.record.seq ?? -1);
    const covered: [Choice, Coverage | null][] = [];
    for (const choice of CHOICES) covered.push([choice, await coverage(dimension, [...choices[choice]].map((i) => items[i]?.record.seq ?? -1), probes, (seq) => reader.embedding(seq))]);
    const examples = (of: Choice, without: Choice): readonly Example[] => examplesOf(items, choices[of], choices[without], settings.seed, (seq) => reader.pictured(seq));
    return { ...compare(items, choices), examples: { gained: examples('replay', 'recorded'), lost: examples('recorded', 'replay') }, settings: differing(settingsFrom(config, dimension, {}), settings), coverage: Object.fromEntries(covered) as Record<Choice, Coverage | null>, notes: notesOn(reader, items, runs.length), seconds: Number(seconds.toFixed(3)) };
  });
}

function settingsFrom(config: RunConfig, dimension: number, overrides: Overrides): EngineSettings {
  return {
    ...recordedSettings(config, dimension),
    // Crops are not kept.
    objects: false,
    ...overrides,
  };
}

/** Of the settings that can be overridden, and of the policy each number. */
function differing(recorded: EngineSettings, now: EngineSettings): readonly Differing[] {
  const [before, after] = [recorded, now].map(({ policy, budget, per, seed, purpose, reveal }) => new Map(leaves({ budget, budget_per: per, seed, purpose, reveal, policy })));
  return [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].flatMap((name) => {
    const [was = 'none', is = 'none'] = [before?.get(name), after?.get(name)];
    return was === is ? [] : [{ name, recorded: was, replay: is }];
  });
}

/** What lies at the ends of nested objects, by the way there. */
function leaves(value: object, way = ''): [name: string, text: string][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => (typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? leaves(inner, `${way}${key}.`) : [[`${way}${key}`, typeof inner === 'string' ? inner : JSON.stringify(inner)] as [string, string]]));
}

function notesOn(reader: Reader, items: readonly Twice[], runs: number): readonly string[] {
  const notes: string[] = [];
  if (items.some(({ record }) => record.objects.length > 0)) notes.push('crops of objects are not kept: the replay judges whole images by the classes of their labels');
  if (runs > 1) notes.push(`the settings changed ${runs - 1} ${runs === 2 ? 'time' : 'times'} while the folder was made; the replay has the last ones, or yours, from the beginning`);
  if (reader.state('external').some((change) => externalOf(change)?.kind === 'correction')) notes.push('labels that were corrected are right from the beginning in the replay');
  const { admit, reject } = reader.gone();
  if (admit + reject > 0) notes.push(`${admit + reject} items that are gone (forgotten or pruned) stay out of both`);
  const { dead } = reader.totals();
  if (dead > 0) notes.push(`${dead} bad files stay out of both`);
  return notes;
}
