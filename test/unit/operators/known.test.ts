import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { guard } from '../../../operators/guard.ts';
import { isAlive, type Embedded, type Failed, type Recalled } from '../../../operators/items.ts';
import { known } from '../../../operators/known.ts';
import { recall } from '../../../operators/recall.ts';
import { Memory } from '../../../operators/state/memory.ts';
import { decideAll, LoopIndex } from '../../support/embedded-host.ts';
import { items, settings } from '../../support/streams.ts';
import { embedded, failed } from './made.ts';

const D = 2;
const at = (degrees: number): Float32Array => Float32Array.of(Math.cos((degrees / 180) * Math.PI), Math.sin((degrees / 180) * Math.PI));

function memoryOf(degrees: readonly number[], name: string): Memory {
  const memory = new Memory(D);
  degrees.forEach((angle, seq) => memory.add({ seq, id: `${name} ${angle}`, cluster: -1, digest: `${name} digest ${angle}`, classes: [] }, at(angle)));
  return memory;
}

async function recalled(entries: readonly (Embedded | Failed)[], held: readonly number[], admitted: readonly number[]): Promise<readonly (Recalled | Failed)[]> {
  return await lastValueFrom(from(entries).pipe(known(new LoopIndex(D), memoryOf(held, 'known')), guard(new LoopIndex(D), memoryOf([90], 'guarded')), recall(new LoopIndex(D), memoryOf(admitted, 'own')), toArray()));
}

describe('what is nearest', () => {
  test('is of the known set or of what was admitted, whichever is nearer; of two as near, what was admitted', async () => {
    const found = await recalled([embedded(0, at(0)), failed(1), embedded(2, at(50)), embedded(3, at(20))], [0, 20], [20, 60]);
    expect(found.map((item) => (isAlive(item) ? [item.nearest?.item.id, item.nearest?.similarity.toFixed(3)] : item.id))).toEqual([['known 0', '1.000'], 'item-1', ['own 60', '0.985'], ['own 20', '1.000']]);
    expect(found.filter(isAlive).map(({ guarded }) => guarded?.toFixed(3))).toEqual(['0.000', '0.766', '0.342']);
  });

  test('is nothing where nothing is known or admitted', async () => {
    const [item] = await recalled([embedded(0, at(0))], [], []);
    expect(item).toMatchObject({ nearest: null });
    expect(item).not.toHaveProperty('known');
  });
});

describe('the engine', () => {
  const stream = items(5, Array.from({ length: 1200 }, (_, i) => ({ kind: i % 6, jitter: 1, label: `class ${i % 6}` })));
  const admittedOf = async (counts: ReadonlyMap<string, number> | null, part: Parameters<typeof settings>[0] = {}, batch = 64): Promise<readonly string[]> =>
    (await decideAll(settings({ ...part, ...(counts === null ? {} : { known: counts }) }), stream, { batch })).decisions.filter(({ verdict }) => verdict === 'admit').map(({ label }) => (typeof label === 'string' ? label : ''));

  test('takes more of a class that the known set is short of, whatever the batches', async () => {
    const share = (labels: readonly string[]): number => labels.filter((label) => label === 'class 0').length / labels.length;
    const lacking = new Map([['class 0', 1], ...Array.from({ length: 5 }, (_, i): [string, number] => [`class ${i + 1}`, 400])]);
    const [plain, topped] = [await admittedOf(null), await admittedOf(lacking)];
    expect(share(plain)).toBeLessThan(0.25);
    expect(share(topped)).toBeGreaterThan(0.5);
    expect(await admittedOf(lacking, {}, 7)).toEqual(topped);
  });

  test('counts its classes as covered', async () => {
    const first = async (counts: ReadonlyMap<string, number> | null): Promise<number> => {
      const store = await decideAll(settings(counts === null ? {} : { known: counts }), stream.slice(0, 40));
      return store.decisions.filter(({ reasons }) => reasons.some(({ code }) => code === 'class_cover')).length;
    };
    const all = new Map(Array.from({ length: 6 }, (_, i) => [`class ${i}`, 50]));
    expect(await first(null)).toBeGreaterThan(0);
    expect(await first(all)).toBe(0);
  });
});
