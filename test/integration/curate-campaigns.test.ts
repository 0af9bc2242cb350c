/** Campaigns with the real parts: examples are embedded by the model, and a changed file is taken up while a run goes on. */
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { openEmbedder } from '../../infra/onnx/pool.ts';
import { openReader } from '../../infra/store/reader.ts';
import type { StoredDecision } from '../../infra/store/types.ts';
import type { Embedder } from '../../operators/ports.ts';
import { dot } from '../../operators/state/vectors.ts';
import { CampaignFile } from '../../pipelines/campaigns.ts';
import { summaryLines } from '../../pipelines/commands/summary.ts';
import { curated } from '../support/cli.ts';
import { type Made, makePictures, newFolder, newPlace } from '../support/folders.ts';

const COUNT = 90;
const LIKE = 0.6;

interface Inspected {
  readonly decisions: readonly StoredDecision[];
  /** Those that are like an item by the stored embeddings. */
  readonly like: (id: string) => readonly StoredDecision[];
  readonly summary: string;
}

function inspected(out: string): Inspected {
  const reader = openReader(out);
  const decisions = [...reader.decisions()];
  const embeddings = new Map(decisions.map(({ id, seq }) => [id, reader.embedding(seq)]));
  const likeness = (a: string, b: string): number => {
    const [x, y] = [embeddings.get(a), embeddings.get(b)];
    return x === undefined || y === undefined ? NaN : dot(x, 0, y, 0, x.length);
  };
  const found = { decisions, like: (id: string) => decisions.filter((other) => likeness(id, other.id) >= LIKE), summary: summaryLines(reader).join('\n') };
  reader.close();
  return found;
}

const kept = (decisions: readonly StoredDecision[]): number => decisions.filter(({ verdict }) => verdict === 'admit').length;

describe('campaigns', { timeout: 120_000 }, () => {
  let made: Made;
  let embedder: Embedder;
  let file: string;
  let example: string;
  const write = (text: string): void => writeFileSync(file, `campaigns:\n${text}\n`);

  beforeAll(async () => {
    made = await makePictures(COUNT);
    embedder = await openEmbedder(1);
    example = join(made.folder, made.names[1] ?? '');
    file = join(newFolder(), 'campaigns.yaml');
  }, 120_000);
  afterAll(() => embedder.close());

  test('none of these: nothing like the example is admitted, and the reason says so; the next run without it ends that', async () => {
    const out = newPlace();
    write(`- {name: such, none: [${example}], similarity: ${LIKE}}`);
    await curated(made.folder, out, { budget: 1, campaigns: file });
    const { decisions, like } = inspected(out);
    const unwanted = decisions.filter(({ reasons: [first] }) => first?.code === 'unwanted:such');
    expect(unwanted).toEqual(like(basename(example)));
    expect(unwanted.length).toBeGreaterThan(2);
    expect(kept(unwanted)).toBe(0);
    expect(kept(decisions)).toBeGreaterThan(5);
    const further = await makePictures(COUNT, { first: COUNT });
    await curated(further.folder, out, { budget: 1 });
    expect(inspected(out).decisions.slice(COUNT).some(({ reasons: [first] }) => first?.code.startsWith('unwanted') === true)).toBe(false);
  });

  test('more like these: the reasons of what is like the example say so, and the summary says how many were admitted', async () => {
    const out = newPlace();
    write(`- {name: such, more: [${example}], similarity: ${LIKE}, cap: 500}`);
    await curated(made.folder, out, { budget: 0.3, campaigns: file, batch: 7 });
    const { decisions, like, summary } = inspected(out);
    const answered = decisions.filter(({ reasons }) => reasons.some(({ code }) => code === 'campaign:such'));
    expect(answered).toEqual(like(basename(example)));
    expect(summary).toMatch(new RegExp(`Campaigns\n +${kept(answered)} kept of 500: such`));
  });

  test('a changed file is taken up while a run goes on; one that cannot be used changes nothing, and says why', async () => {
    const said: string[] = [];
    write('- {name: one, class: cat}');
    const opened = await CampaignFile.open(file, { decoder: new SharpDecoder(embedder.size, 'crop'), embedder }, (line) => said.push(line));
    const first = opened.current();
    expect(first.map(({ name }) => name)).toEqual(['one']);
    expect(opened.current()).toBe(first);
    write(`- {name: two, more: [${example}]}\n- {name: three, none: [${example}]}`);
    opened.current();
    await opened.close();
    const second = opened.current();
    expect(second.map(({ name }) => name)).toEqual(['two', 'three']);
    write('- {name: four, more: [nowhere.jpg]}');
    opened.current();
    await opened.close();
    expect(opened.current()).toBe(second);
    expect(said).toEqual([expect.stringContaining('has changed'), expect.stringMatching(/^warning: .*campaign four: .*nowhere\.jpg/)]);
  });

  test('a path that leads nowhere any more changes nothing, and that is said', async () => {
    const said: string[] = [];
    const there = join(newFolder(), 'campaigns.yaml');
    writeFileSync(there, 'campaigns:\n- {name: one, class: cat}\n');
    const opened = await CampaignFile.open(there, { decoder: new SharpDecoder(embedder.size, 'crop'), embedder }, (line) => said.push(line));
    rmSync(there);
    symlinkSync(there, there);
    opened.current();
    await opened.close();
    expect(opened.current().map(({ name }) => name)).toEqual(['one']);
    expect(said).toEqual([expect.stringMatching(/^warning: .*could not be read \(ELOOP\)/)]);
  });

  test('a run does not begin with a file that cannot be used', async () => {
    write('- {name: one, more: [nowhere.jpg]}');
    await expect(curated(made.folder, newPlace(), { campaigns: file })).rejects.toMatchObject({ message: expect.stringContaining('campaign one') as string });
  });
});
