/** `sluice replay` over folders that the real pipeline has made. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { readPolicy } from '../../pipelines/config/read-policy.ts';
import { replay } from '../../pipelines/redecide/replay.ts';
import { contentsOf, curated, sluice } from '../support/cli.ts';
import { kindOf, type Made, makePictures, newFolder, newPlace } from '../support/folders.ts';

const COUNT = 120;
const signal = new AbortController().signal;

describe('a replay', { timeout: 120_000 }, () => {
  let made: Made;
  let labels: string;
  let out: string;

  beforeAll(async () => {
    made = await makePictures(COUNT, { badEvery: 23 });
    labels = join(newFolder(), 'labels.csv');
    writeFileSync(labels, `path,label\n${made.names.map((name, i) => `${name},${kindOf(i)}`).join('\n')}\n`);
    out = newPlace();
    await curated(made.folder, out, { labels, batch: 16 });
  }, 120_000);

  test('with the settings on record decides as the record says, and changes nothing in the folder', async () => {
    const before = contentsOf(out);
    const { decided, both, gained, lost, worth, coverage, notes } = await replay(out, {}, signal);
    expect({ gained, lost }).toEqual({ gained: 0, lost: 0 });
    expect(both).toBeGreaterThan(10);
    expect(worth.replay).toEqual(worth.recorded);
    expect(worth.random.admitted).toBe(both);
    expect(coverage.replay).toEqual(coverage.recorded);
    expect(coverage.replay?.mean).toBeGreaterThan(coverage.replay?.worst ?? 1);
    expect(decided).toBeLessThan(COUNT);
    expect(notes).toEqual([`${COUNT - decided} bad files stay out of both`]);
    expect(contentsOf(out)).toEqual(before);
  });

  test.for([{ when: 'admitted', after: 7 }, { when: 'never' }] as const)('does so with labels revealed $when, several streams, a campaign that came and went, and a guarded folder', async (reveal) => {
    const manifest = join(newFolder(), 'stream.csv');
    writeFileSync(manifest, `path,stream,label\n${made.names.map((name, i) => `${name},cam-${i % 3},${kindOf(i)}`).join('\n')}\n`);
    const campaigns = join(newFolder(), 'campaigns.yaml');
    writeFileSync(campaigns, `campaigns:\n- {name: such, more: [${join(made.folder, made.names[1] ?? '')}], similarity: 0.5, weight: 10}\n`);
    const [dir, part] = [newPlace(), newPlace()];
    await curated(await (async () => (await makePictures(20)).folder)(), part, { budget: 1 });
    const settings = { root: made.folder, reveal, per: 'stream', guard: part, batch: 16, validationShare: 0.3 } as const;
    await curated(manifest, dir, { ...settings, campaigns });
    const more = await makePictures(COUNT + 60);
    await curated(more.folder, dir, { ...settings, change: true });
    expect(await replay(dir, {}, signal)).toMatchObject({ gained: 0, lost: 0 });
  });

  test('with another policy decides otherwise, as a run with it would have', async () => {
    const policy = { ...DEFAULT_POLICY, weights: { ...DEFAULT_POLICY.weights, novelty: 5, need: 0, noise: 0 } };
    const other = newPlace();
    await curated(made.folder, other, { labels, policy, budget: 0.4 });
    const found = await replay(out, { policy, budget: 0.4 }, signal);
    const { both, worth } = await replay(other, {}, signal);
    expect(found.worth.replay.admitted).toBe(both);
    expect(found.worth.replay).toEqual(worth.recorded);
    expect(found.gained).toBeGreaterThan(0);
  });

  test('tells which settings differ, and shows it on a page with pictures', async () => {
    const page = join(newFolder(), 'replay.html');
    const policy = join(newFolder(), 'policy.yaml');
    writeFileSync(policy, 'weights: {novelty: 5}\n');
    const { stdout, code } = await sluice('replay', out, '--budget', '0.4', '--policy', policy, '--report', page);
    expect(code).toBe(0);
    expect(stdout).toContain('settings that differ\n  budget: 0.25 -> 0.4\n  policy.weights.novelty: 1 -> 5\n');
    const html = readFileSync(page, 'utf8');
    const { gained, lost, examples } = await replay(out, { budget: 0.4, policy: readPolicy(policy) }, signal);
    expect(gained).toBeGreaterThan(0);
    expect(html).toContain(`data-count="gained" data-value="${gained}"`);
    expect(html).toContain(`data-count="lost" data-value="${lost}"`);
    for (const { id } of examples.gained) expect(html).toContain(`<figcaption>${id}</figcaption>`);
    expect(html.match(/<img alt="" src="data:image\/jpeg;base64,/g)?.length).toBe(examples.gained.length + examples.lost.length);
    expect(html).not.toContain('<script');
    // Again to the same place; not over what is something else.
    expect((await sluice('replay', out, '--report', page)).code).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('The same as on record.');
    writeFileSync(page, 'mine');
    expect(await sluice('replay', out, '--report', page)).toMatchObject({ code: 2, stderr: expect.stringContaining('[SLUICE_E_USAGE]') });
    expect(readFileSync(page, 'utf8')).toBe('mine');
  });

  test('the command prints a table, one JSON line, and what is wrong with its settings', async () => {
    const table = await sluice('replay', out, '--budget', '0.1');
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(/^\d+ items decided again in [\d.]+ s: \d+ admitted by both, \d+ only by the replay, \d+ only by the record\n\n +recorded +replay +random\nadmitted +\d+ +\d+ +\d+\n/);
    const { stdout } = await sluice('replay', out, '--seed', '3', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ classes: expect.any(Array), worth: { replay: { admitted: expect.any(Number) } }, coverage: { random: { mean: expect.any(Number) } } });
    const { code, stderr } = await sluice('replay', out, '--budget', '7', '--purpose', 'fun');
    expect(code).toBe(78);
    expect(stderr).toMatch(/--budget must be .*\n.*--purpose must be one of train, validation/);
    expect((await sluice('replay', newFolder())).stderr).toContain('[SLUICE_E_NOT_FOUND]');
  });
});
