import { expect, test } from 'vitest';
import { Packer } from '../../../../operators/state/codec.ts';
import { Given } from '../../../../operators/state/given.ts';

test('a label comes back as it was, and one of an earlier version is known, and taken back as it was counted', () => {
  const given = new Given();
  const labels = [{ classes: ['a', 'b'], counted: 17, number: 3, suspicion: 0.25, believed: null }, { classes: ['c'], counted: null, number: 4, suspicion: 0.75, believed: [] }] as const;
  labels.forEach((label, seq) => given.set(seq, label));
  const again = new Given();
  for (const [seq, value] of given.takeChanges()) if (value !== null) again.restoreRow(seq, value);
  labels.forEach((label, seq) => expect(again.of(seq)).toEqual(label));

  // What a head that knows nothing holds of it.
  again.unnumber();
  const later = new Given();
  for (const [seq, value] of again.takeChanges()) if (value !== null) later.restoreRow(seq, value);
  labels.forEach((label, seq) => expect(later.of(seq)).toEqual({ ...label, number: null }));

  again.restoreRow(2, new Packer().texts(['d']).f64(1, 5000).done());
  again.restoreRow(3, new Packer().texts(['e']).f64(0).done());
  expect(again.of(2)).toMatchObject({ classes: ['d'], counted: 5000, number: null });
  expect(again.of(3)).toMatchObject({ classes: ['e'], counted: null, number: null });
});
