import { describe, expect, it } from 'vitest';
import { choosePictures, wantedPictures } from '../../../../../infra/sinks/report/thumbnails.ts';
import { collect } from '../../../../../infra/sinks/report/tally/collect.ts';
import { makeDecisions, memoryReader } from '../../../../support/reader.ts';

describe('pictures in the file', () => {
  it('stay within their room, and what is wanted first is there', async () => {
    const decisions = await makeDecisions({ items: 400 });
    const reader = memoryReader({ decisions });
    const wanted = [...wantedPictures(collect(reader), new Map(), [])];
    const room = 60_000;
    const chosen = await choosePictures(reader, wanted, room);
    const bytes = [...chosen.values()].reduce((sum, base64) => sum + base64.length, 0);
    expect(bytes).toBeLessThanOrEqual(room);
    expect(bytes).toBeGreaterThan(room * 0.8);
    expect(chosen.has(wanted[0] ?? -1)).toBe(true);
    expect([...chosen.keys()]).toEqual([...chosen.keys()].sort((a, b) => a - b));
    expect((await choosePictures(reader, wanted, 1e9)).size).toBe(400);
  });

  it('leave out items that have none', async () => {
    const decisions = (await makeDecisions({ items: 10 })).map(({ thumbnail, ...d }) => (d.seq === 4 || thumbnail === undefined ? d : { ...d, thumbnail }));
    expect([...(await choosePictures(memoryReader({ decisions }), [4, 5], 1e6)).keys()]).toEqual([5]);
  });

  it('begin with suspects, then members of clusters, then a sample of all in which kept ones come sooner', async () => {
    const decisions = await makeDecisions({ items: 3000, kinds: 3 });
    const collected = collect(memoryReader({ decisions }));
    const order = [...wantedPictures(collected, new Map(), [])];
    const suspects = collected.suspects.list().map((s) => s.seq);
    expect(order.slice(0, suspects.length)).toEqual(suspects);
    const sample = order.slice(-3000);
    expect(new Set(sample).size).toBe(3000);
    const keptShare = (seqs: readonly number[]): number => seqs.filter((seq) => decisions[seq]?.verdict === 'admit').length / seqs.length;
    expect(keptShare(sample.slice(0, 500))).toBeGreaterThan(2 * keptShare(sample));
  });
});
