import { describe, expect, test } from 'vitest';
import { BACKGROUND } from '../../../../../operators/state/objects/background.ts';
import { suspect, type Frequencies } from '../../../../../operators/state/objects/suspect.ts';

const stream = (counts: Readonly<Record<string, number>>): Frequencies => ({ classes: Object.keys(counts).length, total: Object.values(counts).reduce((a, b) => a + b, 0), count: (name) => counts[name] ?? 0 });
const EVEN = stream({ dog: 10, cat: 10, car: 10 });
const NAMES = ['dog', 'cat', 'car'];
const alone = (name: string): ReadonlyMap<string, number> => new Map([[name, 1]]);

describe('suspicion of an object', () => {
  test('grows with how far another class leads, which is then suggested', () => {
    const sure = suspect(Float64Array.of(0.9, 0.1, 0), NAMES, 'dog', alone('dog'), EVEN);
    const unsure = suspect(Float64Array.of(0.4, 0.5, 0), NAMES, 'dog', alone('dog'), EVEN);
    const wrong = suspect(Float64Array.of(0, 0.9, 0), NAMES, 'dog', alone('dog'), EVEN);
    expect(sure).toMatchObject({ suggested: 'dog' });
    expect(wrong).toMatchObject({ suggested: 'cat' });
    expect(sure.suspicion).toBeLessThan(0.01);
    expect(unsure.suspicion).toBeGreaterThan(sure.suspicion);
    expect(wrong.suspicion).toBeGreaterThan(0.9);
  });

  test('is less where others of its class stand beside it, and more where others of the rival do', () => {
    const scores = Float64Array.of(0.3, 0.6, 0);
    const beside = (company: Readonly<Record<string, number>>): number => suspect(scores, NAMES, 'dog', new Map(Object.entries(company)), EVEN).suspicion;
    expect(beside({ dog: 4 })).toBeLessThan(beside({ dog: 1 }));
    expect(beside({ dog: 1, cat: 3 })).toBeGreaterThan(beside({ dog: 1, car: 3 }));
  });

  test('is more for a class that hardly ever comes', () => {
    const scores = Float64Array.of(0.3, 0.6, 0);
    const rare = suspect(scores, NAMES, 'dog', alone('dog'), stream({ dog: 1, cat: 100, car: 100 }));
    expect(rare.suspicion).toBeGreaterThan(suspect(scores, NAMES, 'dog', alone('dog'), EVEN).suspicion);
  });

  test('of the only class there is, is little', () => {
    expect(suspect(Float64Array.of(0), ['dog'], 'dog', alone('dog'), stream({}))).toMatchObject({ suggested: 'dog' });
    expect(suspect(Float64Array.of(0), ['dog'], 'dog', alone('dog'), stream({})).suspicion).toBeLessThan(0.05);
  });
});

test('a crop is of nothing where the background clearly leads every class, whatever is given; it is suggested as no class', () => {
  const said = (background: number, dog: number, cat: number): ReturnType<typeof suspect> => suspect(Float64Array.of(dog, background, cat, 0), ['dog', BACKGROUND, 'cat', 'car'], 'dog', alone('dog'), EVEN);
  expect(said(0.6, 0.3, 0.1)).toMatchObject({ empty: true, suggested: 'dog' });
  expect(said(0.6, 0.1, 0.3)).toMatchObject({ empty: true, suggested: 'cat' });
  expect(said(0.6, 0.5, 0.1).empty).toBe(false);
  expect(said(0.6, 0.1, 0.5).empty).toBe(false);
  expect(said(0.6, 0.1, 0.3).suspicion).toBe(said(0, 0.1, 0.3).suspicion);
  expect(suspect(Float64Array.of(0.1, 0, 0), NAMES, 'dog', alone('dog'), EVEN).empty).toBe(false);
});
