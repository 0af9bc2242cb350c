/** One run over files with awkward names, and everything that can be asked of it afterwards. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ended, jsonLines, sluice, start } from '../support/cli.ts';
import { newFolder, newPlace, picture, writeCsv } from '../support/folders.ts';

const IMG = '<img src=x onerror=alert(1)>.jpg';
const NEWLINE = 'new\nline\u001b[2J.jpg';
const NAMES = ['$(touch gone).jpg', '%s%n.jpg', '-dash.jpg', '--json', IMG, 'a,b "quoted".jpg', "it's.jpg", NEWLINE, 'sub folder/x.jpg', '\u00e9.jpg', 'e\u0301.jpg', '😀.jpg'];
const BAD = 'bad\n<b>.jpg';
const IDS = [...NAMES, BAD].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

interface Reason {
  readonly code: string;
  readonly value: number;
  readonly threshold: number;
}

describe('a run over awkward names', { timeout: 120_000 }, () => {
  const folder = newFolder();
  const out = newPlace();
  const labels = join(newFolder(), 'labels.csv');
  const home = newFolder();
  let curated: Ended;
  let pid: number;
  let lines: Record<string, unknown>[];

  beforeAll(async () => {
    for (const [i, name] of NAMES.entries()) {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), await picture(4 * i));
    }
    writeFileSync(join(folder, BAD), 'no picture');
    writeCsv([['path', 'label'], ...NAMES.slice(1).map((name, i) => [name, i % 2 === 0 ? 'cat' : '<i>"dog",\n'])], labels);
    const run = start(['curate', folder, '--out', out, '--labels', labels, '--budget', '0.5', '--json'], { home });
    ({ pid } = run);
    curated = await run.ended;
    expect(curated.code, curated.stderr).toBe(0);
    lines = jsonLines((await sluice('export', out, '--format', 'jsonl', '--verdict', 'all', '--to', '-')).stdout);
  }, 60_000);

  test('prints one line on stdout, with exactly the keys of the contract; all else goes to stderr', () => {
    expect(curated.stdout).toMatch(/^\{[^\n]*\}\n$/);
    const [summary = {}] = jsonLines(curated.stdout);
    expect(Object.keys(summary)).toEqual(['decided', 'admitted', 'dead', 'unspent', 'embedded', 'objects', 'resumed_from', 'seconds', 'annotations']);
    expect(summary).toMatchObject({ decided: NAMES.length, dead: 1, embedded: NAMES.length, resumed_from: 0 });
    expect(summary['admitted']).toBe(lines.filter(({ verdict }) => verdict === 'admit').length);
    expect(summary['seconds']).toBeGreaterThan(0);
    expect(curated.stderr).toBe(`report: ${join(out, 'report.html')}\n`);
  });

  test('leaves nothing but its folder: no figures of its use in the home folder, to be sent to anybody', () => {
    expect(readdirSync(home)).toEqual([]);
    expect(existsSync(`/tmp/mat-debug-${pid}.log`)).toBe(false);
  });

  test('exports a line for each verdict, with exactly the documented keys and types', () => {
    expect(lines.map(({ id }) => id)).toEqual(IDS.filter((id) => id !== BAD));
    for (const line of lines) {
      expect(Object.keys(line)).toEqual(['id', 'uri', 'stream', 'time', 'seq', 'verdict', 'review', 'reasons', 'score', 'novelty', 'cluster', 'share', 'nearest', 'label', 'suspicion', 'suspicion_now', 'quality', 'split']);
      const labelled = line['id'] !== NAMES[0];
      expect(line).toEqual({
        id: IDS[line['seq'] as number],
        uri: join(folder, line['id'] as string),
        stream: 'default',
        time: null,
        seq: expect.any(Number),
        verdict: expect.stringMatching(/^(admit|reject)$/),
        review: expect.any(Boolean),
        reasons: expect.any(Array),
        score: expect.any(Number),
        novelty: expect.any(Number),
        cluster: expect.any(Number),
        share: expect.any(Number),
        nearest: line['nearest'] === null ? null : { id: expect.any(String), similarity: expect.any(Number) },
        label: labelled ? expect.stringMatching(/^(cat|<i>"dog",\n)$/) : null,
        suspicion: labelled ? expect.any(Number) : null,
        suspicion_now: line['suspicion'],
        quality: { brightness: expect.any(Number), contrast: expect.any(Number), sharpness: expect.any(Number), width: 128, height: 128 },
        split: null,
      });
      for (const reason of line['reasons'] as Reason[]) expect(reason).toEqual({ code: expect.stringMatching(/^[a-z_]+$/), value: expect.any(Number), threshold: expect.any(Number) });
      expect((line['reasons'] as Reason[]).length).toBeGreaterThan(2);
    }
    expect(lines.some(({ nearest }) => nearest !== null)).toBe(true);
  });

  test('exports what was admitted unless told otherwise, and what was rejected', async () => {
    const [admitted, rejected] = await Promise.all([sluice('export', out, '--format', 'jsonl', '--to', '-'), sluice('export', out, '--format', 'jsonl', '--verdict', 'reject', '--to', '-')]);
    expect(jsonLines(admitted.stdout)).toEqual(lines.filter(({ verdict }) => verdict === 'admit'));
    expect(jsonLines(rejected.stdout)).toEqual(lines.filter(({ verdict }) => verdict === 'reject'));
    expect(rejected.stderr).toBe(`${lines.filter(({ verdict }) => verdict === 'reject').length} items written\n`);
  });

  test('tells dead letters as JSON with exactly id, cause, code and seq, and for people a line each', async () => {
    const [json, plain] = await Promise.all([sluice('dead', out, '--json'), sluice('dead', out)]);
    const letter = { id: BAD, cause: 'the first bytes are those of no supported image format', code: 'SLUICE_E_IMAGE_FORMAT', seq: IDS.indexOf(BAD) };
    expect(json.stdout).toBe(`${JSON.stringify(letter)}\n`);
    expect(plain.stdout).toBe(`${letter.seq}  bad\\n<b>.jpg: ${letter.cause} [${letter.code}]\n`);
  });

  test.for([IMG, NEWLINE, '--json'])('explains %j with every reason, its value and threshold', async (id) => {
    const line = lines.find((candidate) => candidate['id'] === id);
    const { code, stdout, stderr } = await sluice('explain', out, '--', id);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const told = stdout.split('\n');
    expect(told[0]).toBe(`${id.replace('\n', '\\n').replace('\u001b', '\\u001b')} (item ${String(line?.['seq'])}): ${line?.['verdict'] === 'admit' ? 'ADMITTED' : 'REJECTED'}`);
    const reasons = line?.['reasons'] as Reason[];
    const digits = (value: number): string => String(Number(value.toPrecision(Number.isInteger(value) ? 21 : 4)));
    for (const [i, { code: reason, value, threshold }] of reasons.entries()) {
      expect(told[1 + i]).toMatch(i === 0 ? /^ {2}because / : /^ {2}and {5}/);
      // So early in a run there is no cut yet; the export has a number for it that every score reaches.
      const bound = threshold === -1e9 ? `${digits(value)}, no cut yet (` : `${digits(value)} against ${digits(threshold)} (`;
      expect(told[1 + i]).toContain(` ${reason}: ${bound}`);
    }
  });

  test('explains a dead letter by its cause; an id that there is not is an error', async () => {
    const [dead, unknown] = await Promise.all([sluice('explain', out, BAD), sluice('explain', out, 'nobody.jpg')]);
    expect(dead).toMatchObject({ code: 0, stderr: '' });
    expect(dead.stdout).toMatch(/^bad\\n<b>\.jpg \(item \d+\) is a bad file: the first bytes are those of no supported image format \[SLUICE_E_IMAGE_FORMAT\]\n {2}Supported: JPEG.*\n$/);
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toMatch(/^sluice: .* holds no item with the id "nobody\.jpg"\n.*\[SLUICE_E_NOT_FOUND\]\n$/);
  });

  test('writes no name into the report as markup', () => {
    const html = readFileSync(join(out, 'report.html'), 'utf8');
    expect(html).not.toContain('<img src=x');
    expect(html).not.toContain('<b>.jpg');
    expect(html).not.toContain('<i>"dog"');
  });

  test('without --json: a summary for people on stderr, nothing on stdout, nothing that steers the terminal', async () => {
    const { code, stdout, stderr } = await sluice('curate', folder, '--out', out, '--budget', '0.5', '--no-report');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const [warning, counts] = stderr.split('\n');
    expect(warning).toBe(`warning: earlier runs had --labels ${labels}, this one has none: new items get no label`);
    expect(counts).toMatch(/^13 inputs: 12 decided, \d+ kept \(\d+\.\d %\), \d+ left out, 1 bad file; the budget promised \d+, \d+ unspent$/);
    expect(stderr).toContain('Bad files\n   bad\\n<b>.jpg: the first bytes');
    expect(stderr).not.toContain('\u001b');
  });
});

test('a CSV with a time far in the future: one alert, as JSON with the keys of the contract first', { timeout: 60_000 }, async () => {
  const [folder, out] = [newFolder(), newPlace()];
  const times = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', '2099-01-01T00:00:00Z', '2026-01-01T00:00:02Z'];
  for (const [i] of times.entries()) writeFileSync(join(folder, `${i}.jpg`), await picture(i));
  const csv = writeCsv([['path', 'stream', 'time'], ...times.map((time, i) => [`${i}.jpg`, `camera ${i % 2}`, time])]);
  expect(await sluice('curate', csv, '--root', folder, '--out', out, '--no-report')).toMatchObject({ code: 0, stdout: '' });
  const { stdout } = await sluice('alerts', out, '--json');
  const contract = JSON.stringify({ kind: 'health.clock', cluster: null, time: '2099-01-01T00:00:00.000Z', seq: 2, support: 1, exemplars: ['2.jpg'], streams: ['camera 0'] });
  expect(stdout.startsWith(`${contract.slice(0, -1)},"id":"`)).toBe(true);
  expect(stdout.trim().split('\n')).toHaveLength(1);
});
