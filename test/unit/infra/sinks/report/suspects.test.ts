import { expect, it } from 'vitest';
import { Suspects } from '../../../../../infra/sinks/report/tally/suspects.ts';
import { makeDecisions, memoryReader } from '../../../../support/reader.ts';

it('keeps the most suspicious, the likeliest first, of equals the earlier', async () => {
  const values = [0.2, 0.9, null, 0.9, 0.1, 0.5, 0.95, 0.5];
  const decisions = (await makeDecisions({ items: values.length })).map((d) => ({ ...d, suspicion: values[d.seq] ?? null, review: (values[d.seq] ?? 0) > 0.8 }));
  const suspects = new Suspects(4);
  for (const decision of memoryReader({ decisions }).decisions()) suspects.add(decision);
  expect(suspects.list().map((s) => s.seq)).toEqual([6, 1, 3, 5]);
  expect(suspects).toMatchObject({ judged: 7, review: 3 });
});
