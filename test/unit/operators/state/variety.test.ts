import { describe, expect, test } from 'vitest';
import { Variety } from '../../../../operators/state/variety.ts';
import { embeddingOf } from '../../../support/streams.ts';

function fed(kinds: number, jitter: number, n = 3000, variety = new Variety(16)): Variety {
  for (let i = 0; i < n; i++) variety.learn(embeddingOf(1, i, { kind: i % kinds, jitter }));
  return variety;
}

describe('effective dimension', () => {
  test('is not known before a few items were compared', () => {
    expect(fed(5, 0.1, 20).effectiveDimension).toBeNull();
    expect(new Variety(16).effectiveDimension).toBeNull();
  });

  test('of directions drawn at random is about the dimension, of two kinds about 1', () => {
    expect(fed(3000, 0).effectiveDimension).toBeGreaterThan(13);
    expect(fed(3000, 0).effectiveDimension).toBeLessThan(18);
    expect(fed(2, 0.05).effectiveDimension).toBeLessThan(1.3);
  });

  test('follows the stream when it turns to other pictures', () => {
    expect(fed(3000, 0, 12_000, fed(2, 0.05)).effectiveDimension).toBeGreaterThan(10);
  });

  test('restored is what it was, bit for bit, and goes on so', () => {
    const [whole, restored] = [fed(40, 0.3, 700), new Variety(16)];
    for (const { key, value } of whole.takeChanges()) if (value !== null) restored.restoreRow(key, value);
    expect(restored.effectiveDimension).toBe(whole.effectiveDimension);
    expect(fed(7, 0.1, 500, restored).effectiveDimension).toBe(fed(7, 0.1, 500, whole).effectiveDimension);
  });
});
