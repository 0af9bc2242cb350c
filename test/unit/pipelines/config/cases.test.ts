import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dot } from '../../../../operators/state/vectors.ts';
import { ExactIndex } from '../../../../pipelines/config/cases/exact-index.ts';
import { embeddedItems } from '../../../../pipelines/config/cases/items.ts';
import { runCase } from '../../../../pipelines/config/cases/run.ts';
import { DIMENSION, readCases } from '../../../../pipelines/config/cases/spec.ts';
import { parsePipeline } from '../../../../pipelines/config/pipeline.ts';
import { LoopIndex } from '../../../support/embedded-host.ts';
import { faultsIn } from '../../../support/faults.ts';
import { newFolder } from '../../../support/folders.ts';
import { items as made, settings } from '../../../support/streams.ts';

const PIPELINE = `name: a
source: { kafka: { brokers: ["b:1"], topic: s } }
sinks: { kafka: { decisions: d, alerts: a, clusters: c, changelog: l, dead: x } }
`;
const pipeline = (more = '') => parsePipeline(PIPELINE + more, 'p.yaml', {});

function read(text: string) {
  const file = join(newFolder(), 'a.test.yaml');
  writeFileSync(file, text);
  return readCases(file);
}

/** One test with these items. */
function caseOf(items: string, more = '') {
  const [only] = read(`pipeline: p.yaml\ntests:\n  - name: it\n    items:\n${items}${more}`).tests;
  if (only === undefined) throw new Error('there is one');
  return only;
}

const faults = (text: string): readonly string[] => faultsIn(() => read(text)).map((line) => line.replace(/^.*a\.test\.yaml:/, ''));
const faultsOfItems = (items: string): readonly string[] => faults(`pipeline: p.yaml\ntests:\n  - name: it\n    items:\n${items}`);

describe('items', () => {
  const embeddings = (items: string): ReadonlyMap<string, Float32Array> => new Map([...embeddedItems(caseOf(items).items)].map(({ embedded }) => [embedded.sample.id, embedded.embedding]));

  test('have the similarity given, unit length, and are else like nothing', () => {
    const found = embeddings('      - { id: a, embedding: [3, 4] }\n      - { id: b, like: a, similarity: 0.9 }\n      - { id: c, like: b, similarity: -0.5 }\n      - { id: d, like: a, similarity: 1 }\n      - { id: e, repeat: 50 }\n');
    const like = (a: string, b: string): number => dot(found.get(a) ?? new Float32Array(), 0, found.get(b) ?? new Float32Array(), 0, DIMENSION);
    expect([...(found.get('a') ?? [])].slice(0, 3)).toEqual([Math.fround(0.6), Math.fround(0.8), 0]);
    expect(like('a', 'b')).toBeCloseTo(0.9, 6);
    expect(like('b', 'c')).toBeCloseTo(-0.5, 6);
    expect(found.get('d')).toEqual(found.get('a'));
    expect(found.size).toBe(54);
    for (const id of found.keys()) expect(like(id, id)).toBeCloseTo(1, 6);
    for (let i = 2; i <= 50; i++) expect(Math.abs(like('e#1', `e#${i}`))).toBeLessThan(0.6);
    expect(embeddings('      - { id: e#7 }\n').get('e#7')).toEqual(found.get('e#7'));
  });

  test('carry what a sample carries', () => {
    const list = [...embeddedItems(caseOf('      - { id: a, label: car, time: "2026-01-01T00:00:01Z", stream: north }\n      - { id: b, label: [car, bus], copy_of: a, quality: { brightness: 0.1 } }\n').items)].map(({ embedded }) => embedded);
    expect(list[0]).toMatchObject({ seq: 0, sample: { id: 'a', stream: 'north', time: 1_767_225_601_000, label: 'car' }, quality: { brightness: 0.5 }, digest: 'a' });
    expect(list[1]).toMatchObject({ seq: 1, sample: { id: 'b', stream: 'default', time: null, label: [{ class: 'car' }, { class: 'bus' }] }, quality: { brightness: 0.1, contrast: 0.2 }, digest: 'a' });
  });

  test.for([
    ['      - { id: a }\n      - { id: a }\n', ['6:15: tests.0.items.1.id: another item before has this id']],
    ['      - { id: a, repeat: 2 }\n      - { id: b, like: a, similarity: 1 }\n', ['6:24: tests.0.items.1.like: no item before this one has that id']],
    ['      - { id: a, copy_of: a }\n', ['5:27: tests.0.items.0.copy_of: no item before this one has that id']],
    ['      - { id: b }\n      - { id: a, like: b }\n', [expect.stringContaining('like and similarity come together')]],
    ['      - { id: a, similarity: 0.5 }\n', [expect.stringContaining('like and similarity come together')]],
    ['      - { id: b }\n      - { id: a, embedding: [1], copy_of: b }\n', [expect.stringContaining('give one of embedding, like and copy_of')]],
    ['      - { id: a, embedding: [0, 0] }\n', ['5:29: tests.0.items.0.embedding: a vector of length 0 has no direction']],
    ['      - { id: a, time: 2026-01-01 }\n', [expect.stringContaining('tests.0.items.0.time: expected ISO 8601 with Z or an offset')]],
    ['      - { id: a, expect: { verdict: admit, reason: near_duplicate } }\n', [expect.stringContaining('this reason leads to the other verdict')]],
    ['      - { id: a, expect: { reason: near_duplicat } }\n', [expect.stringContaining('did you mean near_duplicate?')]],
    ['      - { id: a, expct: {} }\n', ['5:18: tests.0.items.0.expct: there is no such setting (did you mean expect?)']],
    ['      - { id: a, label: 3 }\n', ['5:25: tests.0.items.0.label: expected string or array']],
    ['      - { id: a, repeat: 20000 }\n      - { id: b }\n', [expect.stringContaining('more than 20000 items')]],
    ['      - { id: "${A}" }\n', [expect.stringContaining('the variable A is not set')]],
  ] as const)('that are wrong: %j', ([items, lines]) => {
    expect(faultsOfItems(items)).toEqual(lines);
  });

  test('a file without tests, and one without a pipeline', () => {
    expect(faults('pipeline: p.yaml\ntests: []\n')).toEqual(['2:8: tests: expected at least one test']);
    expect(faults('tests: 1\nenv: {A: 1}\n')).toEqual(['1:1: pipeline: is missing', '1:8: tests: expected array, received number', '2:10: env.A: expected string, received number (put it in quotes)']);
  });
});

describe('a test', () => {
  test('that passes has nothing to say; one that fails says what came out, and why', async () => {
    const items = '      - { id: a, expect: { verdict: admit } }\n      - { id: b, like: a, similarity: 0.97, expect: VERDICT }\n';
    expect(await runCase(pipeline(), caseOf(items.replace('VERDICT', '{ verdict: reject, reason: near_duplicate, review: false }')))).toEqual([]);
    expect(await runCase(pipeline(), caseOf(items.replace('VERDICT', '{ verdict: admit }')))).toEqual(['b: expected admit, got reject (near_duplicate: 0.97 against 0.95)']);
    expect(await runCase(pipeline(), caseOf(items.replace('VERDICT', '{ reason: blurred, review: true }')))).toEqual([
      'b: expected blurred, got reject (near_duplicate: 0.97 against 0.95)',
      'b: expected a review of its label',
    ]);
  });

  test('follows the policy, the budget, the purpose and the labels of its pipeline', async () => {
    const duplicate = caseOf('      - { id: a }\n      - { id: b, like: a, similarity: 0.92, expect: { reason: near_duplicate } }\n');
    expect(await runCase(pipeline('policy: { eligible: { nearDuplicate: 0.9 } }\n'), duplicate)).toEqual([]);
    expect((await runCase(pipeline(), duplicate)).length).toBe(1);

    const many = (range: string) => caseOf('      - { id: a, repeat: 1000 }\n', `    admitted: ${range}\n`);
    expect(await runCase(pipeline('budget: { share: 0.5 }\n'), many('{ min: 480, max: 510 }'))).toEqual([]);
    expect(await runCase(pipeline('budget: { share: 0.1 }\n'), many('{ min: 480, max: 510 }'))).toEqual([expect.stringMatching(/^expected 480 to 510 items admitted, got \d+$/)]);
    expect(await runCase(pipeline('budget: { share: 0.1 }\n'), many('{ min: 480 }'))).toEqual([expect.stringMatching(/^expected at least 480 items admitted, got \d+$/)]);

    // Two classes that look different, then one of them with the other's label.
    const wrong = caseOf('      - { id: car, label: car }\n      - { id: cars, repeat: 60, like: car, similarity: 0.8, label: car }\n      - { id: bus, label: bus }\n      - { id: buses, repeat: 60, like: bus, similarity: 0.8, label: bus }\n      - { id: wrong, like: car, similarity: 0.9, label: bus, expect: { reason: suspicious_label, review: true } }\n');
    expect(await runCase(pipeline('purpose: validation\n'), wrong)).toEqual([]);
    expect((await runCase(pipeline('purpose: validation\nlabels: { reveal: never }\n'), wrong)).length).toBe(2);
  });

  test('says the same whatever the batch', async () => {
    const each = caseOf('      - { id: a, repeat: 300 }\n', '    admitted: { min: 301 }\n');
    const said = await Promise.all([1, 7, 64, 4096].map((batch) => runCase(parsePipeline(PIPELINE.replace('topic: s', `topic: s, batch: ${batch}`), 'p.yaml', {}), each)));
    expect(new Set(said.map(String)).size).toBe(1);
    expect(said[0]?.length).toBe(1);
  });
});

test('the index finds what one that sorts finds, and has -1 where there is too little', async () => {
  const embeddings = made(3, Array.from({ length: 120 }, (_, i) => ({ kind: i % 9, jitter: i % 3 === 0 ? 0 : 0.4 }))).map((item) => ('embedding' in item ? item.embedding : new Float32Array()));
  const [d, n] = [settings().dimension, 100];
  const [exact, loop] = [new ExactIndex(d), new LoopIndex(d)];
  const matrix = (from: number, to: number): Float32Array => Float32Array.from(embeddings.slice(from, to).flatMap((x) => [...x]));
  for (const index of [exact, loop]) await index.add(matrix(0, n));
  expect(await exact.search(matrix(n, 120), 8)).toEqual(await loop.search(matrix(n, 120), 8));
  await exact.reset();
  expect(exact.count).toBe(0);
  await exact.add(matrix(0, 2));
  expect([...(await exact.search(matrix(0, 1), 3)).rows]).toEqual([0, 1, -1]);
});
