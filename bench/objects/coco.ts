/**
 * `npm run bench:coco -- COCO_FOLDER [--synthetic] [--orders 3] [--out DIR]`: a curated quarter of COCO against everything and a random quarter, on pictures and on
 * objects (experiment.ts). COCO_FOLDER holds annotations/instances_train2017.json and instances_val2017.json (any train and val), and the pictures in train2017 and
 * val2017. Prints first how long the whole takes on one core, from the rate of the first pictures. Embeddings are kept in .cache/, 1 KiB a picture and an object.
 *
 * `--synthetic`: instead of the folder's own pictures, scenes made of its objects (scenes.ts).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { partsOf, samplesOf } from './coco-set.ts';
import { cachedScenes, rate } from './embedded-scenes.ts';
import { experiment } from './experiment.ts';
import { madeScenes } from './scenes.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { synthetic: { type: 'boolean', default: false }, orders: { type: 'string', default: '3' }, out: { type: 'string', default: 'sluice-out/coco' } } });
const [given] = positionals;
if (given === undefined) {
  process.stderr.write('usage: npm run bench:coco -- COCO_FOLDER [--synthetic] [--orders 3] [--out DIR]\n');
  process.exit(2);
}
const folder = values.synthetic ? await madeScenes(given) : given;
const name = basename(resolve(folder));

function partNamed(pattern: RegExp, what: string): string {
  const part = partsOf(folder).find((each) => pattern.test(each));
  if (part === undefined) throw new Error(`${folder} has no annotations/instances_NAME.json to ${what}`);
  return part;
}

const [trainPart, testPart] = [partNamed(/train/, 'learn from'), partNamed(/val|test/, 'test with')];
const train = await samplesOf(folder, trainPart);
const test = await samplesOf(folder, testPart);
const { seconds, objects } = await rate(train);
const pictures = train.length + test.length;
console.log(`${name}: ${pictures} pictures with ${objects.toFixed(1)} objects each; ${(1000 * seconds).toFixed(0)} ms of one core a picture with its objects: ${((pictures * seconds) / 3600).toFixed(2)} hours on one core where nothing is cached; ${availableParallelism()} cores here`);
const text = await experiment(name, await cachedScenes(`${name}-${trainPart}`, train), await cachedScenes(`${name}-${testPart}`, test), Number(values.orders), prepareOut(values.out));
writeFileSync(join(values.out, `${name}.md`), `${text}\n`);
console.log(text);

function prepareOut(out: string): string {
  mkdirSync(out, { recursive: true });
  return out;
}
