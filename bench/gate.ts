/**
 * `npm run bench:gate -- CLIP... [--busy CLIP...]`: what the gate saves on clips of fixed cameras, every frame, ffmpeg's decoding included, and what it loses.
 *
 * Each clip is curated twice, at 25 %: with the gate, and every frame embedded. Printed are the share of frames that passed, both rates and their ratio, and how many of the frames that
 * were admitted without the gate have one at least as like as a near-duplicate among those admitted with it. Exit 1 where a bound is missed: the ratio is at least 2 and 0.8 / share, 99 %
 * are covered; on a busy clip, where nearly all pass, the gate costs at most 3 %.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { openReader } from '../infra/store/reader.ts';
import { DEFAULT_POLICY } from '../pipelines/config/policy.ts';
import { DEFAULT_WORKERS } from '../pipelines/config/settings.ts';
import { curateSource } from '../pipelines/embedded.ts';
import { dot } from '../operators/state/vectors.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { busy: { type: 'string', multiple: true, default: [] }, runs: { type: 'string', default: '3' } } });
const [LEAST_RATIO, LEAST_SAVED, COVERED, MOST_COST] = [2, 0.8, 0.99, 0.03];
const place = mkdtempSync(join(tmpdir(), 'sluice-gate-'));
let runs = 0;

interface Ran {
  readonly out: string;
  readonly frames: number;
  readonly embedded: number;
  readonly seconds: number;
}

async function run(source: string, gate: 'auto' | 'off'): Promise<Ran> {
  const out = join(place, String((runs += 1)));
  const settings = { budget: 0.25, per: 'fleet', reveal: { when: 'never' }, objects: 0, purpose: 'train', validationShare: 0, policy: DEFAULT_POLICY, seed: 0, batch: 64, workers: DEFAULT_WORKERS, change: false, retry: false } as const;
  const { decided, embedded, seconds } = await curateSource({ ...settings, source, out, gate, signal: new AbortController().signal, say: process.stderr });
  return { out, frames: decided, embedded, seconds };
}

/** Embeddings of what was admitted. */
function admitted(dir: string): readonly Float32Array[] {
  const reader = openReader(dir);
  try {
    return [...reader.decisions('admit')].map(({ seq }) => reader.embedding(seq));
  } finally {
    reader.close();
  }
}

/** Part of the first that have one of the second as near as a near-duplicate. */
function covered(whole: readonly Float32Array[], kept: readonly Float32Array[]): number {
  const near = whole.filter((x) => kept.some((y) => dot(x, 0, y, 0, x.length) >= DEFAULT_POLICY.eligible.nearDuplicate));
  return near.length / whole.length;
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

async function measure(clip: string, busy: boolean): Promise<boolean> {
  const pairs: { readonly gated: Ran; readonly whole: Ran }[] = [];
  for (let i = 0; i < Number(values.runs); i++) pairs.push({ gated: await run(clip, 'auto'), whole: await run(clip, 'off') });
  const [{ gated, whole } = { gated: null, whole: null }] = pairs;
  if (gated === null || whole === null) return true;
  const passed = gated.embedded / gated.frames;
  const ratio = middle(pairs.map((pair) => pair.whole.seconds / pair.gated.seconds));
  const cover = covered(admitted(whole.out), admitted(gated.out));
  const least = busy ? 1 / (1 + MOST_COST) : Math.max(LEAST_RATIO, LEAST_SAVED / passed);
  const met = ratio >= least && cover >= COVERED;
  const rate = (pick: (pair: (typeof pairs)[number]) => Ran): string => middle(pairs.map((pair) => pick(pair).frames / pick(pair).seconds)).toFixed(0);
  console.log(`${basename(clip)}: ${gated.frames} frames, ${(100 * passed).toFixed(1)} % passed; ${rate((pair) => pair.gated)} frames/s with the gate, ${rate((pair) => pair.whole)} without: ${ratio.toFixed(2)} times (at least ${least.toFixed(2)}); ${(100 * cover).toFixed(1)} % of what is admitted without it is covered (99)${met ? '' : ': NOT MET'}`);
  return met;
}

console.log(`${availableParallelism()} cores, medians of ${values.runs}`);
const met: boolean[] = [];
for (const clip of positionals) met.push(await measure(clip, false));
for (const clip of values.busy) met.push(await measure(clip, true));
rmSync(place, { recursive: true });
if (met.includes(false)) process.exitCode = 1;
