/** An output folder in memory, for tests of what reads one, and a generator of runs that look like real ones. */
import sharp from 'sharp';
import type { Alert, DeadLetter, Decision, Reason } from '../../schemas/decision.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { CampaignStanding } from '../../schemas/campaign.ts';
import type { TargetStanding } from '../../schemas/target.ts';
import type { Reader, RunConfig, RunEntry, StoredDecision, StoredFaults } from '../../infra/store/types.ts';

/** A decision with its thumbnail, as JPEG. */
export type Pictured = Decision & { readonly thumbnail?: Uint8Array };

export interface Contents {
  readonly dir?: string;
  readonly runs?: readonly RunEntry[];
  readonly decisions?: readonly Pictured[];
  readonly dead?: readonly DeadLetter[];
  /** Bad annotations; those of an item by its seq. */
  readonly faults?: readonly StoredFaults[];
  readonly alerts?: readonly Alert[];
  readonly targets?: readonly TargetStanding[];
  readonly campaigns?: readonly CampaignStanding[];
  readonly unspent?: number;
  /** Suspicion after amends, by seq; the others keep the one of their verdict. */
  readonly amended?: ReadonlyMap<number, number>;
}

export const RUN: RunConfig = {
  source: '/data/cameras/manifest.csv',
  policy: '{"budget":{"reserve":0.1,"burst":50},"eligible":{"nearDuplicate":0.9}}',
  seed: 7,
  model: 'efficientnet-lite0-256-int8 sha256:5b1c0f7e',
  purpose: 'train',
  budget: '0.25',
  fit: 'squash',
  reveal: 'all',
  labels: null, predictions: null,
  per: 'fleet',
  validationShare: 0,
  guard: null,
  known: null,
  objects: '32',
  gate: 'auto',
};

export function memoryReader(contents: Contents): Reader {
  const decisions = [...(contents.decisions ?? [])].sort((a, b) => a.seq - b.seq);
  const dead = [...(contents.dead ?? [])].sort((a, b) => a.seq - b.seq);
  const bySeq = new Map(decisions.map((d) => [d.seq, d]));
  const byId = new Map(decisions.map((d) => [d.id, d]));
  const stored = ({ embedding: _embedding, thumbnail: _thumbnail, origin: _origin, ...rest }: Pictured): StoredDecision => ({
    ...rest,
    suspicionNow: contents.amended?.get(rest.seq) ?? rest.suspicion,
  });
  const at = (seq: number): Decision => {
    const found = bySeq.get(seq);
    if (found === undefined) throw new SluiceError('SLUICE_E_NOT_FOUND', `Item ${seq} has no verdict.`);
    return found;
  };
  return {
    dir: contents.dir ?? '/out/run',
    runs: () => contents.runs ?? [{ seq: 0, config: RUN }],
    headers: () => [],
    totals: () => ({
      decided: decisions.length,
      admitted: decisions.filter((d) => d.verdict === 'admit').length,
      dead: dead.length,
      unspent: contents.unspent ?? 0,
      transactions: 1,
    }),
    *decisions(verdict) {
      for (const d of decisions) if (verdict === undefined || d.verdict === verdict) yield stored(d);
    },
    decisionsFrom: (from, most) => decisions.filter(({ seq }) => seq >= from).slice(0, most).map(stored),
    decision: (id) => {
      const found = byId.get(id);
      return found === undefined ? null : stored(found);
    },
    earlierLabels: () => [],
    goneOf: () => [],
    gone: () => ({ admit: 0, reject: 0, dead: 0 }),
    dead: () => dead,
    deadOf: (id) => dead.filter((d) => d.id === id),
    faults: () => contents.faults ?? [],
    faultsOf: (seq) => (contents.faults ?? []).filter((each) => each.seq === seq),
    state: () => [],
    versions: () => [],
    asOf: (name) => {
      throw new SluiceError('SLUICE_E_NOT_FOUND', `No version ${name}.`);
    },
    annotations: () => ({
      bad: Object.fromEntries((contents.faults ?? []).map(({ code, count }) => [code, count])),
      imagesWithout: decisions.filter(({ label }) => Array.isArray(label) && label.length === 0).length,
    }),
    alerts: () => contents.alerts ?? [],
    targets: () => contents.targets ?? [],
    campaigns: () => contents.campaigns ?? [],
    embedding: (seq) => at(seq).embedding,
    pictured: (seq) => bySeq.get(seq)?.thumbnail !== undefined,
    async *thumbnails(seqs) {
      for (const seq of seqs) {
        const jpeg = bySeq.get(seq)?.thumbnail;
        if (jpeg !== undefined) yield { seq, jpeg };
      }
    },
    origin: (seq) => at(seq).origin,
    refresh: () => undefined,
    close: () => undefined,
  };
}

export interface Shape {
  readonly items: number;
  readonly kinds?: number;
  readonly streams?: readonly string[];
  /** Milliseconds between items; no times where left out. */
  readonly every?: number;
  readonly labels?: boolean;
  readonly dimension?: number;
  readonly seed?: number;
}

/** Decisions on items of a long-tailed mix of kinds: directions with some noise, a tinted picture each. */
export async function makeDecisions(shape: Shape): Promise<Pictured[]> {
  const { items, kinds = 12, streams = ['north', 'south', 'yard'], every, labels = true, dimension = 32, seed = 1 } = shape;
  const random = generator(seed);
  const centres = Array.from({ length: kinds }, () => unit(Array.from({ length: dimension }, () => random() - 0.5)));
  const pictures = await Promise.all(centres.map((_, kind) => picture(kind / kinds)));
  const kept = new Map<number, string>();
  return Array.from({ length: items }, (_, seq) => {
    const kind = Math.min(kinds - 1, Math.floor(kinds * random() ** 2.5));
    const other = random() < 0.04;
    const id = `${streams[seq % streams.length] ?? 'default'}/frame_${String(seq).padStart(6, '0')}.jpg`;
    const reasons = reasonsOf(random, kind / kinds);
    const verdict = ['above_cut', 'reserve', 'budget_to_spend'].includes(reasons[0]?.code ?? '') ? 'admit' : 'reject';
    const nearest = kept.get(kind);
    if (verdict === 'admit') kept.set(kind, id);
    const suspicion = labels ? (other ? 0.7 + 0.3 * random() : 0.3 * random()) : null;
    return {
      seq, id, verdict, reasons, suspicion,
      uri: `/data/cameras/${id}`,
      stream: streams[seq % streams.length] ?? 'default',
      time: every === undefined ? null : Date.UTC(2026, 10, 23) + seq * every,
      review: suspicion !== null && suspicion > 0.65,
      score: random(),
      novelty: random(),
      cluster: kind,
      share: 1 / (kind + 2),
      nearest: nearest === undefined ? null : { id: nearest, similarity: 0.5 + random() / 2 },
      label: labels ? `kind ${other ? (kind + 1) % kinds : kind}` : null,
      quality: { brightness: 0.5, contrast: 0.2, sharpness: 300, width: 640, height: 480 },
      split: null,
      objects: [],
      digest: seq.toString(16).padStart(64, '0'),
      embedding: unit((centres[kind] ?? new Float32Array(dimension)).map((v) => v + (random() - 0.5) * 0.25)),
      ...(pictures[kind] === undefined ? {} : { thumbnail: pictures[kind] }),
      origin: null,
    };
  });
}

function reasonsOf(random: () => number, rarity: number): Reason[] {
  const draw = random();
  const grounds: Reason[] = [{ code: 'novelty', value: random(), threshold: 0.1 }, { code: 'cluster_share', value: random(), threshold: 0.02 }];
  if (draw < 0.12 + rarity * 0.4) return [{ code: rarity > 0.5 ? 'reserve' : 'above_cut', value: 1.5, threshold: 1 }, ...grounds];
  if (draw < 0.6) return [{ code: 'below_cut', value: 0.4, threshold: 1 }, ...grounds];
  if (draw < 0.9) return [{ code: 'near_duplicate', value: 0.9 + random() / 10, threshold: 0.9 }, ...grounds];
  return [{ code: draw < 0.96 ? 'blurred' : 'too_dark', value: 0.01, threshold: 0.05 }, ...grounds];
}

async function picture(hue: number): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="72"><rect width="96" height="72" fill="hsl(${hue * 360} 45% 70%)"/><circle cx="${20 + hue * 50}" cy="40" r="18" fill="hsl(${hue * 360} 60% 35%)"/></svg>`;
  return new Uint8Array(await sharp(Buffer.from(svg)).jpeg({ quality: 70 }).toBuffer());
}

function unit(values: ArrayLike<number>): Float32Array {
  const vector = Float32Array.from(values);
  const length = Math.hypot(...vector);
  return vector.map((v) => v / length);
}

/** Numbers 0..1 that are the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
