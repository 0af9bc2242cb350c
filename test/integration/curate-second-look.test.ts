/** Labels that are looked at again in a folder's run: after the policy was changed on the way, and in a validation set. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import type { Policy } from '../../operators/state/policy.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { contentsOf, curated } from '../support/cli.ts';
import { type Made, makePictures, newPlace, writeCsv, writeLabels } from '../support/folders.ts';

const COUNT = 80;
/** So few items make nobody sure of anything. */
const audit = (part: Partial<Policy['audit']>): Policy => ({ ...DEFAULT_POLICY, audit: { ...DEFAULT_POLICY.audit, ...part } });

function decisions(out: string): readonly StoredDecision[] {
  const reader = openReader(out);
  const found = [...reader.decisions()];
  reader.close();
  return found;
}

describe('a second look', { timeout: 120_000 }, () => {
  let made: Made;
  let labels: string;

  beforeAll(async () => {
    made = await makePictures(COUNT);
    labels = writeLabels(made.names);
  }, 120_000);

  /** The first `count` pictures, in the place of the list of the run before. */
  const first = (count: number): string => writeCsv([['path'], ...made.names.slice(0, count).map((name) => [name])], join(made.folder, 'list.csv'));

  test('goes by the bar that --change has set, also of what was decided before it; what was decided stays', async () => {
    const [out, again] = [newPlace(), newPlace()];
    const run = { labels, budget: 1 };
    // 40 labels: the last eight are in no solution of the head yet, and most items are still to be looked at.
    for (const place of [out, again]) await curated(first(40), place, { ...run, policy: audit({ review: 0.9 }) });
    const before = decisions(out);
    expect(before.filter(({ review }) => review)).toEqual([]);
    await expect(curated(first(COUNT), out, { ...run, policy: audit({ review: 0.1 }) })).rejects.toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED' });
    await curated(first(COUNT), out, { ...run, policy: audit({ review: 0.1 }), change: true });
    const after = decisions(out);
    const seenAnew = after.slice(0, 40).filter(({ review }) => review);
    expect(seenAnew.length).toBeGreaterThan(3);
    expect(seenAnew.every(({ verdict, suspicionNow }) => verdict === 'admit' && (suspicionNow ?? 0) >= 0.1)).toBe(true);
    expect(after.slice(0, 40).map(({ verdict, reasons, suspicion }) => [verdict, reasons, suspicion])).toEqual(before.map(({ verdict, reasons, suspicion }) => [verdict, reasons, suspicion]));
    for (const { verdict, suspicion, suspicionNow } of after) if (verdict === 'reject') expect(suspicionNow).toBe(suspicion);
    // Stopped once more, between two solutions: the same is said.
    await curated(first(53), again, { ...run, policy: audit({ review: 0.1 }), change: true, batch: 5 });
    await curated(first(COUNT), again, { ...run, policy: audit({ review: 0.1 }), batch: 9 });
    expect([contentsOf(again)['decisions'], contentsOf(again)['state']]).toEqual([contentsOf(out)['decisions'], contentsOf(out)['state']]);
  });

  test('under --purpose validation marks what is no longer believed, from the bar of a validation set on, and takes nothing back', async () => {
    const out = newPlace();
    await curated(made.folder, out, { labels, budget: 1, purpose: 'validation', policy: audit({ validation: 0.12, review: 0.9, taught: 0 }) });
    const found = decisions(out).filter(({ verdict }) => verdict === 'admit');
    const doubted = found.filter(({ review }) => review);
    expect(doubted.length).toBeGreaterThan(0);
    for (const { suspicion, suspicionNow, split } of doubted) expect([(suspicion ?? 1) < 0.12, (suspicionNow ?? 0) >= 0.12, split]).toEqual([true, true, 'validation']);
    expect(found.every(({ review, suspicionNow }) => review === (suspicionNow ?? 0) >= 0.12)).toBe(true);
  });
});
