/**
 * `npm run bench:alerts -- [--data DIR] [--seeds 3]`: whether the engine tells of a class that it has never seen. DIR holds the unpacked data sets.
 *
 * Each class of imagenette-lt in turn is held out, and up to 40 of its items are spread over the second half of the stream of the others; then it is gone for
 * 5,000 items and returns. Then growth: of a stream whose mixture stays nothing may be said to grow, and each class in turn comes five times as often. Exit 1 where a bound is not met. Beside it the alerts of gtsrb as it comes, in which classes begin all the time: of that there is no bound.
 */
import { parseArgs } from 'node:util';
import { loadSet } from '../quality/sets.ts';
import { grown, unchanged } from './growth.ts';
import { asItComes, type Found, holdOut } from './measure.ts';

/** Of ten classes so many are found; sightings by then, in the middle; mistaken alerts in 10,000 items; all of the seeds together. */
const BOUNDS = { found: 0.9, sightings: 10, mistaken: 1, growthMistaken: 1 };

const { values } = parseArgs({ options: { data: { type: 'string', default: 'data' }, seeds: { type: 'string', default: '3' } } });
const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => k + 1);

const bench = await loadSet(values.data, 'imagenette-lt');
const classes = [...new Set(bench.train.map((row) => bench.labels[row] ?? ''))].sort();
console.log(`| seed | ${classes.join(' | ')} | found | median | mistaken | further | second on return |\n|${'---|'.repeat(classes.length + 6)}`);
const all: Found[] = [];
for (const seed of seeds) {
  const ofSeed: Found[] = [];
  for (const held of classes) ofSeed.push(await holdOut(bench, held, seed));
  console.log(`| ${seed} | ${ofSeed.map(({ sightings }) => (sightings === Infinity ? '-' : sightings)).join(' | ')} | ${counted(ofSeed)} |`);
  all.push(...ofSeed);
}
console.log(`| all | ${classes.map(() => '').join(' | ')} | ${counted(all)} |`);
const rate = (10_000 * sum(all, 'mistaken')) / sum(all, 'items');
console.log(`\nmistaken alerts in 10,000 items: ${rate.toFixed(2)} (${sum(all, 'mistaken')} in ${sum(all, 'items')}); after the class has gone: ${sum(all, 'mistakenLater')} in ${sum(all, 'itemsLater')}`);

const signs = await loadSet(values.data, 'gtsrb');
for (const seed of seeds) {
  const { novel, mistaken, items } = await asItComes(signs, seed);
  console.log(`gtsrb as it comes, seed ${seed}: ${novel} novel alerts in ${items} items, ${mistaken} of them on classes that were there before`);
}

const still = [];
for (const seed of seeds) still.push(await unchanged(bench, seed));
const falseGrowth = (10_000 * still.reduce((total, { raised }) => total + raised, 0)) / still.reduce((total, { items }) => total + items, 0);
console.log(`growth alerts in 10,000 items of a mixture that stays: ${falseGrowth.toFixed(2)} (${still.map(({ raised }) => raised).join(', ')} by seed)`);
for (const held of classes) {
  const { raised, about, after } = await grown(bench, held);
  console.log(`${held}, five times as often after a time: ${raised} growth alerts, ${about} on it${after === null ? '' : `, the first after ${after} items`}`);
}

const met = falseGrowth <= BOUNDS.growthMistaken && found(all) >= BOUNDS.found * all.length && median(all) <= BOUNDS.sightings && rate <= BOUNDS.mistaken && sum(all, 'second') === 0;
console.log(met ? 'every bound is met' : `not met: ${JSON.stringify(BOUNDS)}, no second alert`);
process.exitCode = met ? 0 : 1;

function counted(some: readonly Found[]): string {
  return [`${found(some)} of ${some.length}`, median(some), sum(some, 'mistaken'), sum(some, 'further'), sum(some, 'second')].join(' | ');
}

function found(some: readonly Found[]): number {
  return some.filter(({ sightings }) => sightings < Infinity).length;
}

function median(some: readonly Found[]): number {
  const sorted = some.map(({ sightings }) => sightings).sort((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN)) / 2;
}

function sum(some: readonly Found[], of: 'mistaken' | 'items' | 'mistakenLater' | 'itemsLater' | 'further' | 'second'): number {
  return some.reduce((total, each) => total + each[of], 0);
}
