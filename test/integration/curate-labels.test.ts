/** When the engine is shown labels, and what that leaves on record. */
import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { curated } from '../support/cli.ts';
import { kindOf, type Made, makePictures, newPlace, writeCsv, writeLabels } from '../support/folders.ts';

const COUNT = 48;
/** So few items make nobody sure of anything. */
const STRICT = { ...DEFAULT_POLICY, audit: { ...DEFAULT_POLICY.audit, review: 0.15, taught: 16 } };

function decisions(out: string): readonly StoredDecision[] {
  const reader = openReader(out);
  const found = [...reader.decisions()];
  reader.close();
  return found;
}

describe('labels', { timeout: 120_000 }, () => {
  let made: Made;
  let labels: string;

  beforeAll(async () => {
    made = await makePictures(COUNT, { badEvery: 20 });
    labels = writeLabels(made.names);
  });

  test('shown with the sample: each verdict has a suspicion, and suspicious ones are for review', async () => {
    const out = newPlace();
    await curated(made.folder, out, { labels, reveal: { when: 'all' }, policy: STRICT });
    const found = decisions(out);
    expect(found.filter(({ review }) => review).length).toBeGreaterThan(2);
    for (const { seq, label, verdict, suspicion, suspicionNow, review, reasons } of found) {
      expect(label).toBe(seq % 8 === 5 ? 'mistaken' : kindOf(seq));
      expect(suspicion).toBeGreaterThanOrEqual(0);
      expect(suspicion).toBeLessThanOrEqual(1);
      // What was not admitted is not looked at again.
      if (verdict === 'reject') expect(suspicionNow).toBe(suspicion);
      expect(review).toBe((suspicionNow ?? 0) >= 0.15);
      expect(reasons.some(({ code }) => code === 'suspicion')).toBe(true);
    }
    expect(found.some(({ suspicion, suspicionNow }) => suspicionNow !== suspicion)).toBe(true);
  });

  test('shown n items after an admitted one: exactly those that are due have a suspicion', async () => {
    const out = newPlace();
    const after = 11;
    await curated(made.folder, out, { labels, reveal: { when: 'admitted', after }, batch: 16, budget: 1 });
    const found = decisions(out);
    const last = Math.max(...found.map(({ seq }) => seq));
    expect(last).toBe(COUNT - 1);
    // Both sides of the line are there: one that is just due, and one that is due with the next item.
    for (const seq of [last - after, last - after + 1]) expect(found.find((decision) => decision.seq === seq)?.verdict).toBe('admit');
    const due = found.filter(({ seq, verdict }) => verdict === 'admit' && seq + after <= last);
    expect(found.filter(({ suspicion }) => suspicion !== null).map(({ seq }) => seq)).toEqual(due.map(({ seq }) => seq));
    expect(due.length).toBeGreaterThan(3);
    // Some admitted ones are not due yet; and what is not known when it is decided is no ground.
    expect(found.filter(({ verdict }) => verdict === 'admit').length).toBeGreaterThan(due.length);
    expect(found.flatMap(({ reasons }) => reasons).some(({ code }) => code === 'suspicion')).toBe(false);
    expect(found.map(({ label }) => label)).not.toContain(null);
  });

  test('never shown: the labels are kept for exports, and change no verdict', async () => {
    const [without, never] = [newPlace(), newPlace()];
    await curated(made.folder, without);
    await curated(made.folder, never, { labels, reveal: { when: 'never' } });
    expect(decisions(never).map((decision) => ({ ...decision, label: null }))).toEqual(decisions(without));
    expect(decisions(never).every(({ label, suspicion }) => label !== null && suspicion === null)).toBe(true);
  });

  test('given after the verdicts: a warning that they come too late for those', async () => {
    const out = newPlace();
    const { folder, names } = await makePictures(4);
    await curated(folder, out, { reveal: { when: 'never' } });
    const file = writeLabels(names);
    expect((await curated(folder, out, { labels: file, reveal: { when: 'never' } })).said).toContain('warning: --labels reaches items that are decided from now on');
    expect((await curated(folder, out, { labels: file, reveal: { when: 'never' } })).said).not.toContain('reaches');
  });

  test('for unknown ids: a warning with their names and number, also when nothing is left to decide', async () => {
    const out = newPlace();
    const { folder, names } = await makePictures(4);
    const file = writeCsv([['path', 'label'], ...names.slice(1).map((name) => [name, 'a']), ...Array.from({ length: 7 }, (_, i) => [`gone-${i}.jpg`, 'b'])]);
    for (const embedded of [4, 0]) {
      const { said, ...summary } = await curated(folder, out, { labels: file, reveal: { when: 'all' } });
      expect(summary).toMatchObject({ decided: 4, dead: 0, embedded });
      expect(said).toBe('warning: 7 labels in list.csv name items that the source does not have: "gone-0.jpg", "gone-1.jpg", "gone-2.jpg", "gone-3.jpg", "gone-4.jpg" and 2 more.\n');
    }
    expect(decisions(out).map(({ label }) => label)).toEqual([null, 'a', 'a', 'a']);
  });

  test('for a validation set, suspicious ones are never admitted', async () => {
    const out = newPlace();
    await curated(made.folder, out, { labels, reveal: { when: 'all' }, purpose: 'validation', budget: 1, policy: STRICT });
    const found = decisions(out);
    const suspicious = found.filter(({ review }) => review);
    expect(suspicious.length).toBeGreaterThan(0);
    expect(suspicious.filter(({ verdict }) => verdict === 'admit')).toEqual([]);
    expect(found.filter(({ verdict }) => verdict === 'admit').length).toBeGreaterThan(5);
  });
});
