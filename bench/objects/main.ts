/**
 * `npm run bench:objects -- COCO_FOLDER [--seeds 10] [--orders 5] [--only audit|boxes|empty|predictions|balance|cover] [bounds, below]`: what is said of objects, and what comes of it.
 *
 * The audit of boxes: 8 % of the folder's objects (all its JSONs together) are made wrong, and the stream goes by once. Class balance: a synthetic stream made of
 * the folder's objects (scenes.ts), and the folder itself. Exit 1 where a bound is not met.
 */
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { meanOf } from '../quality/measure.ts';
import { admittedOf, balanceOf, BUDGET, classesShown, informed, offline } from './balance.ts';
import { boxAudit, emptyAudit, shown, swapAudit } from './box-audit.ts';
import { cachedScenes, type EmbeddedScenes } from './embedded-scenes.ts';
import { allSamples, samplesOf } from './coco-set.ts';
import { predictedAudit } from './predictions.ts';
import { madeScenes } from './scenes.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '10' },
    orders: { type: 'string', default: '5' },
    only: { type: 'string' },
    'least-auroc': { type: 'string', default: '0.9' },
    'least-auroc-common': { type: 'string', default: '0.93' },
    'least-found': { type: 'string', default: '1' },
    'least-empty-precision': { type: 'string', default: '0.8' },
    'least-empty-recall': { type: 'string', default: '0.3' },
    'least-predicted-precision': { type: 'string', default: '0.6' },
    'least-predicted-recall': { type: 'string', default: '0.3' },
    'least-rare': { type: 'string', default: '0.6' },
    'least-cover': { type: 'string', default: '1.3' },
  },
});
const PARTS = ['audit', 'boxes', 'empty', 'predictions', 'balance', 'cover'] as const;
const [folder] = positionals;
const chosen = PARTS.filter((part) => values.only === undefined || values.only === part);
if (folder === undefined || chosen.length === 0) {
  process.stderr.write('usage: npm run bench:objects -- COCO_FOLDER [--seeds 10] [--orders 5] [--only audit|boxes|empty|predictions|balance|cover]\n');
  process.exit(2);
}
const source: string = folder;
const name = basename(resolve(source));
const met: boolean[] = [];

/** Says whether a bound is met, too. */
function bound(value: number, option: 'least-auroc' | 'least-auroc-common' | 'least-found' | 'least-empty-precision' | 'least-empty-recall' | 'least-predicted-precision' | 'least-predicted-recall' | 'least-rare' | 'least-cover'): string {
  const least = Number(values[option]);
  met.push(value >= least);
  return `at least ${least}${value >= least ? '' : ': NOT MET'}`;
}

/** One figure for each seed from 1 on. */
async function each<T>(count: string, measure: (seed: number) => Promise<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for (let seed = 1; seed <= Number(count); seed++) found.push(await measure(seed));
  return found;
}

async function audit(set: EmbeddedScenes): Promise<void> {
  const found = await each(values.seeds, (seed) => swapAudit(set, seed));
  const of = (key: keyof (typeof found)[number]): readonly number[] => found.map((one) => one[key]);
  console.log(`classes swapped, 8 % of ${set.places.length} objects, one pass, mean ± s.e. of ${found.length} seeds and orders:`);
  console.log(`  AUROC, all classes ${shown(of('all'))} (${bound(meanOf(of('all')).mean, 'least-auroc')}); classes of 20 objects or more ${shown(of('common'))} (${bound(meanOf(of('common')).mean, 'least-auroc-common')})`);
  console.log(`  marked for review: precision ${shown(of('precision'))}, recall ${shown(of('recall'))}; own class suggested ${shown(of('suggested'))} of the swapped`);
}

async function boxes(set: EmbeddedScenes): Promise<void> {
  const found = await each(values.seeds, (seed) => boxAudit(set, seed));
  const of = (pick: (one: (typeof found)[number]) => number): readonly number[] => found.map(pick);
  console.log(`boxes, 8 % of the objects, mean ± s.e. of ${found.length} seeds and orders:`);
  const [duplicates, outside] = [of((one) => one.duplicates), of((one) => one.outside)];
  console.log(`  drawn twice, found ${shown(duplicates)} (${bound(Math.min(...duplicates), 'least-found')} in each); moved out of the picture, found ${shown(outside)} (${bound(Math.min(...outside), 'least-found')} in each)`);
  console.log(`  of the boxes as they are count as duplicates ${shown(of((one) => one.untouched.duplicate))}, as outside ${shown(of((one) => one.untouched.outside))}, as implausible ${shown(of((one) => one.untouched.implausible))}, as around nothing ${shown(of((one) => one.untouched.background))}`);
  console.log(`  shifted by 30 to 60 % of their size: precision ${shown(of((one) => one.shift.precision))}, recall ${shown(of((one) => one.shift.recall))}, AUROC of suspicion ${shown(of((one) => one.shift.auroc))}`);
  console.log(`  scaled by 3 or 1/3: precision ${shown(of((one) => one.scale.precision))}, recall ${shown(of((one) => one.scale.recall))}, AUROC of strangeness ${shown(of((one) => one.scale.auroc))}, among classes known by then ${shown(of((one) => one.scale.known))}`);
}

async function empty(set: EmbeddedScenes): Promise<void> {
  const found = await each(values.seeds, (seed) => emptyAudit(set, seed));
  const of = (key: keyof (typeof found)[number]): readonly number[] => found.map((one) => one[key]);
  const [precision, recall] = [of('precision'), of('recall')];
  console.log(`boxes moved to where no box is, ${meanOf(of('moved')).mean.toFixed(0)} of ${set.places.length}, mean ± s.e. of ${found.length} seeds and orders:`);
  console.log(`  said to be around nothing: precision ${shown(precision)} (${bound(meanOf(precision).mean, 'least-empty-precision')}), recall ${shown(recall)} (${bound(meanOf(recall).mean, 'least-empty-recall')})`);
}

async function predictions(set: EmbeddedScenes): Promise<void> {
  const found = await each(values.seeds, (seed) => Promise.resolve(predictedAudit(set, seed)));
  console.log(`8 % of ${set.places.length} objects against predictions MADE from the true labels, mean ± s.e. of ${found.length} seeds:`);
  for (const kind of ['overlooked', 'mislocated', 'swapped'] as const) {
    const [precision, recall] = [found.map((one) => one[kind].precision), found.map((one) => one[kind].recall)];
    console.log(`  ${kind}: precision ${shown(precision)} (${bound(meanOf(precision).mean, 'least-predicted-precision')}), recall ${shown(recall)} (${bound(meanOf(recall).mean, 'least-predicted-recall')})`);
  }
}

async function balance(): Promise<void> {
  const made = await madeScenes(source);
  const set = await cachedScenes(`${basename(made)}-train`, await samplesOf(made, 'train'));
  const scenes = classesShown(set);
  console.log(`class balance on ${scenes.length} SYNTHETIC scenes, ${set.places.length} objects, budget ${BUDGET * 100} %, labels with the sample:`);
  const found = await each(values.orders, async (seed) => {
    const one = balanceOf(scenes, await admittedOf(set, seed), seed);
    const { rare, commonest, missing } = one;
    console.log(`  order ${seed}: admitted ${one.share.toFixed(4)}; classes of 8 images or more that are missing: ${missing.length}${missing.length > 0 ? ` (${missing.join(', ')})` : ''}; classes of 20 images or fewer keep ${rare.mean.toFixed(3)} (least ${rare.least.toFixed(3)}; random ${rare.random.toFixed(3)}); ${commonest.name} in ${commonest.admitted.toFixed(3)} of the admitted, ${commonest.stream.toFixed(3)} of the stream`);
    return one;
  });
  const kept = meanOf(found.map(({ rare }) => rare.mean)).mean;
  const missing = found.reduce((sum, one) => sum + one.missing.length, 0);
  const common = meanOf(found.map(({ commonest }) => commonest.admitted - commonest.stream)).mean;
  met.push(missing === 0, common <= 0);
  console.log(`  rare classes keep ${kept.toFixed(3)} (${bound(kept, 'least-rare')}); missing ${missing} (none${missing > 0 ? ': NOT MET' : ''}); the commonest class among the admitted less in the stream ${common.toFixed(3)} (at most 0${common > 0 ? ': NOT MET' : ''})`);
}

async function cover(set: EmbeddedScenes): Promise<void> {
  const scenes = classesShown(set);
  const found = await each(values.orders, async (seed) => balanceOf(scenes, await admittedOf(set, seed), seed));
  const ratios = found.map((one) => one.covered / one.coveredByRandom);
  const { images, classes } = offline(scenes, Math.round(BUDGET * scenes.length));
  const told = informed(scenes, found.map((_, i) => i + 1)).map((covered, i) => covered / (found[i]?.coveredByRandom ?? NaN));
  console.log(`classes covered by ${BUDGET * 100} % of ${scenes.length} images (${meanOf(found.map(({ share }) => share)).mean.toFixed(3)} admitted), mean of ${found.length} orders: ${meanOf(found.map(({ covered }) => covered)).mean.toFixed(1)}, random ${meanOf(found.map((one) => one.coveredByRandom)).mean.toFixed(1)}: ${shown(ratios)} times (${bound(meanOf(ratios).mean, 'least-cover')}); the offline greedy cover shows all in ${images} images, ${classes} classes in as many as the budget allows; a rule under the same budget that knows how often each class will still come reaches ${shown(told)} times`);
}

const set = await cachedScenes(name, await allSamples(source));
const run: Readonly<Record<(typeof PARTS)[number], () => Promise<void>>> = { audit: () => audit(set), boxes: () => boxes(set), empty: () => empty(set), predictions: () => predictions(set), balance, cover: () => cover(set) };
console.log(`${name}: ${set.samples.length} images, ${availableParallelism()} cores`);
for (const part of chosen) await run[part]();
if (met.includes(false)) {
  console.log('a bound is not met');
  process.exitCode = 1;
}
