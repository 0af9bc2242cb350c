import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project } from '../../../../../infra/sinks/report/projection/project.ts';
import type { Placeable } from '../../../../../infra/sinks/report/projection/types.ts';
import type { Decision } from '../../../../../schemas/decision.ts';
import { makeDecisions } from '../../../../support/reader.ts';
import { emptyFolder } from './written.ts';

function placeable(decisions: readonly Decision[]): Placeable {
  return { length: decisions.length, seq: (i) => decisions[i]?.seq ?? 0, weight: () => 1, vector: (i) => decisions[i]?.embedding ?? null };
}

function distance(places: Float32Array, i: number, j: number): number {
  return Math.hypot((places[i * 2] ?? 0) - (places[j * 2] ?? 0), (places[i * 2 + 1] ?? 0) - (places[j * 2 + 1] ?? 0));
}

/** Share of items whose nearest neighbour on the map is of their own kind. */
function purity(places: Float32Array, decisions: readonly Decision[], from = 0): number {
  let pure = 0;
  for (let i = from; i < decisions.length; i++) {
    let best = -1;
    for (let j = 0; j < decisions.length; j++) if (j !== i && (best < 0 || distance(places, i, j) < distance(places, i, best))) best = j;
    if (decisions[best]?.cluster === decisions[i]?.cluster) pure++;
  }
  return pure / (decisions.length - from);
}

describe('project', () => {
  it('puts items of one kind together', async () => {
    const decisions = await makeDecisions({ items: 1500, kinds: 10 });
    expect(purity(await project(placeable(decisions), 'm', null), decisions, 1000)).toBeGreaterThan(0.95);
  });

  it('never moves what was placed, and gives what is new and different ground of its own', async () => {
    const file = join(emptyFolder(), 'projection.json');
    const all = await makeDecisions({ items: 600, kinds: 8 });
    // The rarest kinds have not come yet when the first map is made.
    const early = all.filter((d) => d.seq < 300 && Number(d.cluster) < 6);
    const late = all.filter((d) => d.seq >= 300);
    const before = await project(placeable(early), 'm', file);
    const grown = [...early, ...late];
    const after = await project(placeable(grown), 'm', file);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(late.filter((d) => Number(d.cluster) >= 6).length).toBeGreaterThan(10);
    expect(purity(after, grown, early.length)).toBeGreaterThan(0.9);
    expect(await project(placeable(grown), 'm', file)).toEqual(after);
  });

  it('depends on nothing but the items', async () => {
    const decisions = await makeDecisions({ items: 200 });
    const dir = emptyFolder();
    const [one, two] = [join(dir, 'a'), join(dir, 'b')];
    expect(await project(placeable(decisions), 'm', one)).toEqual(await project(placeable(decisions), 'm', two));
    expect(readFileSync(one, 'utf8')).toBe(readFileSync(two, 'utf8'));
  });

  it('starts anew for another model, another dimension, or a damaged file', async () => {
    const file = join(emptyFolder(), 'projection.json');
    const decisions = await makeDecisions({ items: 60 });
    const fresh = await project(placeable(decisions), 'm', null);
    const stored = (): { model: string; dimension: number } => JSON.parse(readFileSync(file, 'utf8')) as { model: string; dimension: number };
    await project(placeable(decisions), 'other', file);
    await project(placeable(decisions), 'm', file);
    expect(stored().model).toBe('m');
    await project(placeable(await makeDecisions({ items: 60, dimension: 16 })), 'm', file);
    expect(stored().dimension).toBe(16);
    await project(placeable(decisions), 'm', file);
    const text = readFileSync(file, 'utf8');
    for (const damaged of ['', '{', '[]', text.slice(0, -200), text.replace(/"places":"[^"]*"/, '"places":"AAAA"'), text.replace(/"places":"[^"]*"/, '"places":"AAAAAAAAAAA="'), text.replace('"version":1', '"version":99')]) {
      writeFileSync(file, damaged);
      expect(await project(placeable(decisions), 'm', file)).toEqual(fresh);
    }
  });

  it.each([0, 1, 2, 3, 20])('places %i items', async (items) => {
    const places = await project(placeable(await makeDecisions({ items })), 'm', null);
    expect(places).toHaveLength(items * 2);
    expect(places.every(Number.isFinite)).toBe(true);
  });

  it('parts copies of one image a little, and leaves out items without a vector', async () => {
    const decisions = (await makeDecisions({ items: 30 })).map((d, _, all) => ({ ...d, embedding: all[0]?.embedding ?? d.embedding }));
    const items = { ...placeable(decisions), vector: (i: number) => (i === 5 ? null : (decisions[i]?.embedding ?? null)) };
    const places = await project(items, 'm', null);
    expect(places[10]).toBeNaN();
    expect(distance(places, 1, 2)).toBeGreaterThan(0);
    expect(distance(places, 1, 2)).toBeLessThan(0.2);
  });

  it('grows from a single item', async () => {
    const file = join(emptyFolder(), 'projection.json');
    const decisions = await makeDecisions({ items: 500, kinds: 6 });
    const [first] = await project(placeable(decisions.slice(0, 1)), 'm', file);
    const places = await project(placeable(decisions), 'm', file);
    expect(places[0]).toBe(first);
    expect(purity(places, decisions)).toBeGreaterThan(0.9);
  });
});
