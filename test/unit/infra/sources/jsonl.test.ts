import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import { drain, errorAt, faultOf, folder, outline } from './fixtures.ts';

test('a bad line is a dead letter with its place, and the others go on', async () => {
  const lines = ['[1]', '{"path":', '{}', '{"path":7}', '{"path":"a.jpg","time":"yesterday"}', '{"path":"a.jpg","time":7}', '{"path":"a.jpg","stream":{}}', '{"path":"a.jpg","label":{"class":"x"}}', '{"path":"../a.jpg"}', '{"path":"none.jpg"}', '{"path":"a.jpg"}'];
  const here = folder({ 'list.jsonl': lines.join('\n'), 'a.jpg': '' });
  const entries = await drain(await openSource(join(here, 'list.jsonl')));
  expect(outline(entries)).toEqual([
    ...[1, 2, 3, 4].map((line) => `list.jsonl:${line} SLUICE_E_ROW_INVALID`),
    ...[5, 6, 7, 8].map(() => 'a.jpg SLUICE_E_ROW_INVALID'),
    '../a.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
    'none.jpg SLUICE_E_IMAGE_MISSING',
    'a.jpg',
  ]);
  expect(errorAt(entries, 2).message).toBe('list.jsonl, line 3: there is no path (path, file_name, image, id).');
  expect(errorAt(entries, 4).message).toContain('line 5: time: "yesterday" is no time');
});

test('bytes that are no UTF-8, and a line that does not end, are faults of the file', async () => {
  const here = folder({ 'latin.jsonl': Buffer.from('{"path":"a"}\n{"path":"\xe4.jpg"}\n', 'latin1'), 'long.jsonl': `{"path":"${'x'.repeat(5_000_000)}` });
  expect(await faultOf(openSource(join(here, 'latin.jsonl')))).toMatchObject({ code: 'SLUICE_E_SOURCE_SYNTAX', message: 'latin.jsonl, line 2, column 10: the file is not UTF-8. Save it as UTF-8.' });
  expect(await faultOf(openSource(join(here, 'long.jsonl')))).toMatchObject({ code: 'SLUICE_E_SOURCE_SYNTAX', message: expect.stringContaining('line 1: the line is longer than') });
});
