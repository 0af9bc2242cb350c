/** `sluice lint` and `sluice test` as a person calls them. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sluice } from '../support/cli.ts';
import { newFolder } from '../support/folders.ts';

const example = (name: string): string => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

describe('sluice lint', () => {
  test('of good files says nothing', async () => {
    expect(await sluice('lint', example('pipeline.yaml'), example('pipeline.test.yaml'))).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });

  test('of others says every fault of every file with its place, and ends with 78', async () => {
    const folder = newFolder();
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const text = readFileSync(example('pipeline.yaml'), 'utf8');
    const first = file('a.yaml', text.replace('topic:', 'topics:'));
    const second = file('b.test.yaml', 'pipeline: a.yaml\ntests: []\n');
    const third = file('c.yaml', `${text}"\\e[2J": 1\n`);
    const { code, stdout, stderr } = await sluice('lint', first, example('pipeline.yaml'), second, third, join(folder, 'gone.yaml'));
    expect({ code, stderr }).toEqual({ code: 78, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual([
      `${first}:7:5: source.kafka.topic: is missing`,
      `${first}:9:5: source.kafka.topics: there is no such setting (did you mean topic?)`,
      `${second}:2:8: tests: expected at least one test`,
      // What is in the file steers no terminal.
      expect.stringMatching(/c\.yaml:45:1: \\u001b\[2J: there is no such setting/) as string,
      `the pipeline file ${join(folder, 'gone.yaml')} could not be read (ENOENT)`,
    ]);
  });

  test('--schema prints the schema for editors', async () => {
    const { code, stdout } = await sluice('lint', '--schema');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ title: 'Pipeline of Sluice', properties: { source: {}, sinks: {} }, additionalProperties: false });
    expect(JSON.parse((await sluice('lint', '--schema', 'test')).stdout)).toMatchObject({ title: 'Config tests of Sluice' });
    expect((await sluice('lint')).code).toBe(2);
    expect((await sluice('lint', '--schema', 'other')).code).toBe(2);
  });
});

describe('sluice test', () => {
  test('of the example passes, named or by its folder', async () => {
    const { code, stdout, stderr } = await sluice('test', example('pipeline.test.yaml'));
    expect({ code, stderr, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({ code: 0, stderr: '', last: '3 passed, 0 failed' });
    const folder = newFolder();
    mkdirSync(join(folder, 'deep', '.hidden'), { recursive: true });
    for (const name of ['pipeline.yaml', 'pipeline.test.yaml']) for (const at of ['.', 'deep', 'deep/.hidden']) cpSync(example(name), join(folder, at, name));
    // A way round in a circle.
    symlinkSync(folder, join(folder, 'deep', 'up'));
    const all = await sluice('test', folder, join(folder, 'pipeline.test.yaml'));
    expect(all.stdout.match(/^ok /gm)?.length).toBe(6);
    expect(all.stdout).toMatch(/6 passed, 0 failed\n$/);
  });

  test('that fails says what and ends with 1', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'pipeline.yaml'), readFileSync(example('pipeline.yaml'), 'utf8').replace('nearDuplicate: 0.9', 'nearDuplicate: ${SAME:0.95}'));
    const text = readFileSync(example('pipeline.test.yaml'), 'utf8');
    writeFileSync(join(folder, 'a.test.yaml'), text);
    writeFileSync(join(folder, 'b.test.yaml'), text.replace('tests:', 'env: { SAME: "0.9" }\ntests:'));
    const { code, stdout } = await sluice('test', folder);
    expect(code).toBe(1);
    expect(stdout).toContain(`FAIL  ${join(folder, 'a.test.yaml')}: the same scene again is left out\n        crossing, a second later: expected reject, near_duplicate, got `);
    expect(stdout).toMatch(/\n5 passed, 1 failed\n$/);
  });

  test('with a fault in a test or its pipeline runs none, and ends with 78', async () => {
    const folder = newFolder();
    cpSync(example('pipeline.test.yaml'), join(folder, 'good.test.yaml'));
    writeFileSync(join(folder, 'bad.test.yaml'), 'tests: 1\n');
    writeFileSync(join(folder, 'pipeline.yaml'), 'name: x\n');
    const { code, stdout, stderr } = await sluice('test', folder);
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toContain('bad.test.yaml:1:8: tests: expected array');
    expect(stderr).toContain('pipeline.yaml:1:1: source: is missing');
    writeFileSync(join(folder, 'pipeline.yaml'), readFileSync(example('pipeline.yaml'), 'utf8').replace('share: 0.25', 'rate: 5/hour').concat('sharing: false\n'));
    expect((await sluice('test', join(folder, 'good.test.yaml'))).stderr).toContain('needs sharing');
    expect((await sluice('test', newFolder())).code).toBe(78);
    expect((await sluice('test', join(folder, 'pipeline.yaml'))).stderr).toContain('is no *.test.yaml and no folder');
    expect((await sluice('test')).code).toBe(2);
  });
});
