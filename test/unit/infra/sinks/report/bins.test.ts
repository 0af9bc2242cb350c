import { describe, expect, it } from 'vitest';
import { axisOf, fillBins, sumHistograms } from '../../../../../infra/sinks/report/bins.ts';
import { Series } from '../../../../../infra/sinks/report/tally/series.ts';
import { makeDecisions, memoryReader } from '../../../../support/reader.ts';

async function seriesOf(shape: { items: number; every?: number }): Promise<Series> {
  const series = new Series();
  for (const decision of memoryReader({ decisions: await makeDecisions(shape) }).decisions()) series.add(decision);
  return series;
}

describe('bins', () => {
  it.each([1, 2, 71, 72, 73, 500, 2500])('count each of %i items once, in at most 72 steps of round width', async (items) => {
    const series = await seriesOf({ items });
    const axis = axisOf(series);
    expect(axis.kind).toBe('seq');
    expect(axis.bins).toBeLessThanOrEqual(72);
    expect(String(axis.step)).toMatch(/^[125]0*$/);
    const { all, streams } = fillBins(series, axis);
    const total = all.admitted.reduce((a, b) => a + b, 0) + all.rejected.reduce((a, b) => a + b, 0);
    expect(total).toBe(items);
    expect(all.rejected.length).toBe(axis.bins);
    expect(sumHistograms(streams, axis.bins)).toEqual(all);
  });

  it('go by event time where every item has one', async () => {
    const series = await seriesOf({ items: 300, every: 60_000 });
    const axis = axisOf(series);
    expect(axis).toMatchObject({ kind: 'time', step: 300_000, start: Date.UTC(2026, 10, 23), bins: 60 });
    expect(fillBins(series, axis).all.admitted.reduce((a, b) => a + b, 0)).toBeGreaterThan(10);
  });

  it('go by item where one time is missing, or all are the same', async () => {
    const [first] = memoryReader({ decisions: await makeDecisions({ items: 1 }) }).decisions();
    const missing = await seriesOf({ items: 20, every: 1000 });
    if (first !== undefined) missing.add({ ...first, seq: 20, time: null });
    expect(axisOf(missing).kind).toBe('seq');
    expect(axisOf(await seriesOf({ items: 20, every: 0 })).kind).toBe('seq');
  });
});
