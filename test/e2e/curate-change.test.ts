/** What a folder was made with holds, until a change is wanted. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { contentsOf, jsonLines, sluice } from '../support/cli.ts';
import { makePictures, newFolder, newPlace, picture } from '../support/folders.ts';

describe('other settings for the same folder', { timeout: 120_000 }, () => {
  test('are refused, each of them named; with --change the run goes on with them, and what was decided stays', async () => {
    const { folder } = await makePictures(8);
    const out = newPlace();
    const policy = join(newFolder(), 'policy.yaml');
    writeFileSync(policy, 'weights: {noise: 0}\nbudget: {burst: 7}\n');
    const command = ['curate', folder, '--out', out, '--no-report', '--json'];
    const other = ['--seed', '5', '--budget', '0.75', '--purpose', 'validation', '--reveal', 'never', '--fit', 'squash', '--policy', policy];
    expect(await sluice(...command)).toMatchObject({ code: 0 });
    const before = contentsOf(out);

    writeFileSync(join(folder, '0100.jpg'), await picture(100));
    const refused = await sluice(...command, ...other);
    expect(refused).toMatchObject({ code: 78, stdout: '' });
    expect(refused.stderr.split('\n')).toEqual([
      'sluice: this folder was made with other settings:',
      'seed: 0 -> 5',
      'purpose: train -> validation',
      'budget: 0.25 -> 0.75',
      'fit: crop -> squash',
      'reveal: all -> never',
      `policy.weights.noise: ${DEFAULT_POLICY.weights.noise} -> 0`,
      `policy.budget.burst: ${DEFAULT_POLICY.budget.burst} -> 7`,
      '  Give the old values, another --out (over Kafka another name and other topics), or --change to go on with the new ones from here. [SLUICE_E_CONFIG_CHANGED]',
      '',
    ]);
    expect(contentsOf(out)).toEqual(before);

    const changed = await sluice(...command, ...other, '--change');
    expect(changed.code, changed.stderr).toBe(0);
    expect(jsonLines(changed.stdout)).toMatchObject([{ decided: 9, resumed_from: 8, embedded: 1 }]);
    const after = contentsOf(out);
    expect((after['decisions'] as unknown[]).slice(0, 8)).toEqual(before['decisions']);
    const reader = openReader(out);
    expect(reader.runs().map(({ seq, config }) => [seq, config.seed, config.budget, config.purpose])).toEqual([
      [0, 0, '0.25', 'train'],
      [8, 5, '0.75', 'validation'],
    ]);
    reader.close();

    // Now these are the settings of the folder, and the first ones are the others.
    const [again, old] = [await sluice(...command, ...other), await sluice(...command)];
    expect(again).toMatchObject({ code: 0 });
    expect(jsonLines(again.stdout)).toMatchObject([{ decided: 9, resumed_from: 9, embedded: 0 }]);
    expect(old).toMatchObject({ code: 78, stdout: '' });
    expect(old.stderr).toContain('\nseed: 5 -> 0\n');
  });
});
