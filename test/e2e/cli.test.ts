/** The command line as a shell sees it: exit codes, what goes to stdout and what to stderr, readers that go away. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ended, jsonLines, shell, sluice } from '../support/cli.ts';
import { makePictures, newFolder, newPlace } from '../support/folders.ts';

const SUMMARY = ['decided', 'admitted', 'dead', 'unspent', 'embedded', 'objects', 'resumed_from', 'seconds', 'annotations'];

describe('exit codes', { timeout: 120_000 }, () => {
  test('2 for a command line that cannot be understood, which it says', async () => {
    const cases: readonly [args: readonly string[], said: string][] = [
      [[], 'Usage: sluice'],
      [['curat'], "error: unknown command 'curat'"],
      [['dead', '/x', '--jsno'], "error: unknown option '--jsno'"],
      [['curate', '/x'], "error: required option '--out <dir>' not specified"],
      [['export', '/x', '--to', '-', '--format', 'xml'], 'jsonl, csv, coco, yolo'],
    ];
    await Promise.all(cases.map(async ([args, said]) => {
      const { code, stdout, stderr } = await sluice(...args);
      expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(said);
    }));
  });

  test('0 for help and version, on stdout', async () => {
    const [help, version] = await Promise.all([sluice('curate', '--help'), sluice('--version')]);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: sluice curate \[options\] <source>\n/);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(version).toMatchObject({ code: 0, stderr: '' });
  });

  test('1 for a folder without a run, for whoever reads', async () => {
    const dir = newFolder();
    for (const ended of await Promise.all([sluice('dead', dir), sluice('explain', dir, 'x'), sluice('export', dir, '--format', 'jsonl', '--to', '-')])) {
      expect(ended).toMatchObject({ code: 1, stdout: '', stderr: `sluice: ${dir} holds no run: there is no sluice.db in it.\n  Check the spelling; \`sluice export DIR --format jsonl --verdict all --to -\` lists all ids. [SLUICE_E_NOT_FOUND]\n` });
    }
    expect(readdirSync(dir)).toEqual([]);
  });

  test('78 for wrong settings: all of them at once, those of the policy with line and column; nothing is started', async () => {
    const policy = join(newFolder(), 'policy.yaml');
    writeFileSync(policy, 'weights:\n  noise: much\n  nois: 1\naudit: {review: 2}\n');
    const out = newPlace();
    const wrong = ['--budget', '2', '--reveal', 'soon', '--objects', 'some', '--purpose', 'test', '--fit', 'zoom', '--seed', '-1', '--batch', '0', '--workers', 'all', '--guard', '', '--validation-share', '1', '--policy', policy];
    const { code, stdout, stderr } = await sluice('curate', newFolder(), '--out', out, ...wrong);
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      'sluice: --budget must be a share above 0 and up to 1, such as 0.25 or 25%, or so many per minute, hour or day, such as 100/hour, not "2"',
      '--reveal must be all, never or admitted:<n> with n at least 1, not "soon"',
      '--objects must be auto, off or a whole number from 1 to 256, not "some"',
      '--purpose must be one of train, validation, not "test"',
      '--validation-share must be a share from 0 to below 1, not "1"',
      '--guard must name a folder',
      '--fit must be one of crop, squash, tiles, not "zoom"',
      '--seed must be a whole number from 0 to 2147483647, not "-1"',
      '--batch must be a whole number from 1 to 4096, not "0"',
      '--workers must be a whole number from 1 to 64, not "all"',
      expect.stringMatching(`^${policy}:2:10: weights\\.noise: `),
      `${policy}:3:3: weights.nois: there is no such setting (did you mean noise?)`,
      expect.stringMatching(`^${policy}:4:17: audit\\.review: `),
      '  Mend each fault listed; nothing was started. [SLUICE_E_CONFIG_INVALID]',
      '',
    ]);
    expect(existsSync(out)).toBe(false);
  });

  test('78 for what cannot be a source, and for a budget per time; nothing is started', async () => {
    const file = join(newFolder(), 'photo.jpg');
    writeFileSync(file, '');
    const csv = join(newFolder(), 'list.csv');
    writeFileSync(csv, 'path,label\n"a,b\n');
    const cases: readonly [args: readonly string[], said: RegExp][] = [
      [['/nowhere'], /There is nothing at "\/nowhere".*SLUICE_E_SOURCE_UNKNOWN/s],
      [[file], /is no source by its looks; formats are csv, .*SLUICE_E_SOURCE_UNKNOWN/s],
      [[csv], /list\.csv, line \d+, column \d+: .*SLUICE_E_SOURCE_SYNTAX/s],
      [[newFolder(), '--budget', '5/minute'], /a budget per time \(5\/minute\) needs the times of the images.*SLUICE_E_CONFIG_INVALID/s],
      [[newFolder(), '--labels', '/nowhere.csv'], /--labels: "\/nowhere\.csv" cannot be reached.*SLUICE_E_CONFIG_INVALID/s],
    ];
    await Promise.all(cases.map(async ([args, said]) => {
      const out = newPlace();
      const { code, stdout, stderr } = await sluice('curate', ...args, '--out', out);
      expect({ code, stdout }, stderr).toEqual({ code: 78, stdout: '' });
      expect(stderr).toMatch(said);
      expect(existsSync(out)).toBe(false);
    }));
  });
});

describe('small sources', { timeout: 120_000 }, () => {
  const expected = { decided: 0, admitted: 0, dead: 0, unspent: 0, embedded: 0, objects: 0, resumed_from: 0, seconds: expect.any(Number) as number, annotations: { bad: {}, images_without: 0 } };

  async function curate(folder: string): Promise<{ out: string; ended: Ended }> {
    const out = newPlace();
    const ended = await sluice('curate', folder, '--out', out, '--json');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain(`report: ${join(out, 'report.html')}\n`);
    expect(existsSync(join(out, 'report.html'))).toBe(true);
    return { out, ended };
  }

  test('no image: an empty folder, and one with other things', async () => {
    const other = newFolder();
    writeFileSync(join(other, 'notes.txt'), 'hello');
    writeFileSync(join(other, '.hidden.jpg'), 'hello');
    mkdirSync(join(other, 'empty'));
    for (const folder of [newFolder(), other]) {
      const { out, ended } = await curate(folder);
      expect(jsonLines(ended.stdout)).toEqual([expected]);
      expect(ended.stderr.includes('warning: 1 file of plainly another kind (by extension) was passed over.\n')).toBe(folder === other);
      if (folder === other) expect(await sluice('export', out, '--format', 'jsonl', '--verdict', 'all', '--to', '-')).toMatchObject({ code: 0, stdout: '', stderr: '0 items written\n' });
    }
  });

  test('one image is admitted', async () => {
    const { ended } = await curate((await makePictures(1)).folder);
    expect(jsonLines(ended.stdout)).toEqual([{ ...expected, decided: 1, admitted: 1, embedded: 1 }]);
  });

  test('only bad files: a dead letter each, and exit 0', async () => {
    const { out, ended } = await curate((await makePictures(5, { badEvery: 1 })).folder);
    expect(jsonLines(ended.stdout)).toEqual([{ ...expected, dead: 5 }]);
    expect(jsonLines((await sluice('dead', out, '--json')).stdout).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('readers that go away', { timeout: 120_000 }, () => {
  const out = newPlace();
  let folder = '';

  beforeAll(async () => {
    ({ folder } = await makePictures(12, { badEvery: 3 }));
    writeFileSync(join(folder, 'notes.txt'), 'for a warning');
    // Neither progress nor warnings are read, and the summary is not either.
    const { stderr } = await shell(`{ $SLUICE curate ${folder} --out ${out} --json 2>&1 | true; echo "\${PIPESTATUS[0]}" >&2; }`);
    expect(stderr).toBe('0\n');
  }, 60_000);

  test('a run whose progress nobody reads is a whole run', async () => {
    const { code, stdout } = await sluice('curate', folder, '--out', out, '--json', '--no-report');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[^\n]+\n$/);
    const [summary = {}] = jsonLines(stdout);
    expect(Object.keys(summary)).toEqual(SUMMARY);
    expect(summary).toMatchObject({ decided: 8, dead: 4, embedded: 0, resumed_from: 12 });
    expect(existsSync(join(out, 'report.html'))).toBe(true);
  });

  test.for(['export OUT --format jsonl --verdict all --to -', 'dead OUT --json', 'curate FOLDER --out OUT --json --no-report'])('%s: quiet and good where nobody reads its output', async (command) => {
    const line = command.replace('OUT', out).replace('FOLDER', folder);
    const { stderr } = await shell(`$SLUICE ${line} | true; echo "\${PIPESTATUS[0]}" >&2`);
    expect(stderr.replace('8 items written\n', '').replace(/^warning: .*\n/, '')).toBe('0\n');
  });

  test('a run whose progress cannot be written is a whole run; a result that cannot be written is an error', async () => {
    const untold = await shell(`$SLUICE curate ${folder} --out ${newPlace()} --json --no-report 2>/dev/full`);
    expect(untold.code).toBe(0);
    expect(jsonLines(untold.stdout)).toMatchObject([{ decided: 8 }]);
    const lost = await shell(`$SLUICE export ${out} --format jsonl --verdict all --to - >/dev/full`);
    expect(lost.code).toBe(1);
    expect(lost.stderr).toMatch(/^sluice: .*\n.*\[SLUICE_E_DISK_FULL\]\n$/);
  });

  test('stopped through npm it stops', async () => {
    const place = newPlace();
    const { stdout } = await shell(`npm run --silent sluice -- curate ${folder} --out ${place} --no-report 2>/dev/null & pid=$!; until [ -e ${place}/sluice.db ]; do sleep 0.05; done; kill -TERM $pid; wait $pid; echo $?; pgrep -fc "[c]urate ${folder}"`);
    expect(stdout.split('\n')[1]).toBe('0');
  });

  test('| head -1 gives one line; a stdout that is closed is no failure', async () => {
    const [head, closed] = await Promise.all([shell(`$SLUICE dead ${out} --json | head -1; echo "\${PIPESTATUS[0]}" >&2`), shell(`$SLUICE dead ${out} --json >&-`)]);
    expect(jsonLines(head.stdout).length).toBe(1);
    expect(head.stderr).toBe('0\n');
    expect(closed).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});
