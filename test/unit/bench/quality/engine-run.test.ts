/** The harness judges what `curate` would decide: the same verdicts, whichever of the two runs the operators. */
import { expect, test } from 'vitest';
import type { EmbeddedSet } from '../../../../bench/quality/embeddings.ts';
import { runEngine } from '../../../../bench/quality/engine-run.ts';
import type { Embedded } from '../../../../operators/items.ts';
import type { Reveal } from '../../../../operators/state/labels.ts';
import { decideAll } from '../../../support/embedded-host.ts';
import { D, items, settings } from '../../../support/streams.ts';

const made = items(3, Array.from({ length: 700 }, (_, i) => ({ kind: i % 23, jitter: 0.4, label: `class ${i % 5}`, stream: `camera ${i % 2}` }))).filter((item): item is Embedded => 'sample' in item);
const set: EmbeddedSet = {
  name: 'made',
  paths: made.map(({ sample }) => sample.id),
  columns: {},
  dimension: D,
  vectors: Float32Array.from(made.flatMap(({ embedding }) => [...embedding])),
  quality: made.map(({ quality }) => quality),
  digests: made.map(({ digest }) => digest),
};

test.each<Reveal>([{ when: 'never' }, { when: 'all' }, { when: 'admitted', after: 20 }])('labels $when', async (reveal) => {
  const stream = made.map(({ sample }, row) => ({ row, label: typeof sample.label === 'string' ? sample.label : null, stream: sample.stream }));
  const decided = await runEngine(set, stream, { reveal });
  const { decisions } = await decideAll(settings({ reveal }), made);
  expect(decided.map(({ judgement }) => judgement)).toEqual(decisions.map(({ verdict, reasons, score, review }) => expect.objectContaining({ verdict, reasons, score, review })));
});
