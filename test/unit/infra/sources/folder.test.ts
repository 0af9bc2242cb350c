import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openFolder } from '../../../../infra/sources/folder.ts';
import { openSource } from '../../../../infra/sources/open.ts';
import { drain, errorAt, faultOf, folder, idsOf, outline, pipe, sampleAt } from './fixtures.ts';

describe('what is an item', () => {
  test('regular files, not hidden, not plainly of another kind', async () => {
    const here = folder({
      'a.jpg': '', 'b': '', 'c.unknown': '', 'd.PNG': '', 'e.svg': '', 'sub/f.jpg': '', 'clip.mp4': '', 'noext.': '',
      '.hidden.jpg': '', '.git/x.jpg': '', 'sub/.cache/x.jpg': '', 'sub/.x.jpg': '',
      'labels.csv': '', 'meta.JSON': '', 'notes.txt': '', 'sluice.db': '', 'sluice.db-wal': '', 'report.html': '', 'x.tar.gz': '', 'y.npy': '',
    });
    pipe(join(here, 'pipe.jpg'));
    const source = await openFolder(here);
    expect(idsOf(await drain(source))).toStrictEqual(['a.jpg', 'b', 'c.unknown', 'clip.mp4', 'd.PNG', 'e.svg', 'noext.', 'sub/f.jpg']);
    expect(source.warnings()).toStrictEqual(['8 files of plainly another kind (by extension) were passed over.']);
  });

  test('a sample has the absolute path, the default stream, no time and no label', async () => {
    const here = folder({ 'sub/a b.jpg': '' });
    const source = await openFolder(here);
    expect(sampleAt(await drain(source), 0)).toStrictEqual({ id: 'sub/a b.jpg', uri: join(here, 'sub/a b.jpg'), stream: 'default', time: null, label: null, origin: null });
    expect(source).toMatchObject({ identity: `folder:${here}`, fit: 'crop', header: null, total: 1 });
  });

  test('an empty folder is an empty stream', async () => {
    expect(await drain(await openFolder(folder()))).toStrictEqual([]);
  });

  test('a hidden folder given by name is read', async () => {
    const here = folder({ '.data/a.jpg': '' });
    expect(idsOf(await drain(await openFolder(join(here, '.data'))))).toStrictEqual(['a.jpg']);
  });
});

describe('order', () => {
  test('by the bytes of the whole path', async () => {
    // In UTF-16 the last two are the other way round; by locale, or folder by folder, others are.
    const names = ['B.jpg', 'a-b.jpg', 'a.jpg', 'a/z.jpg', 'a0.jpg', 'e\u0301.jpg', 'z.jpg', '\u00e9.jpg', '\uffee.jpg', '\u{1f600}.jpg'];
    const here = folder(Object.fromEntries([...names].reverse().map((name) => [name, ''])));
    expect(idsOf(await drain(await openFolder(here)))).toStrictEqual(names);
  });

  test('is that of Buffer.compare for any names and any limit', async () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => !text.includes('\0') && !text.includes('/') && !text.startsWith('.'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.tuple(fc.constantFrom('', 'a/', 'a-/', 'a/b/', '\u00e9/'), name).map((parts) => `${parts.join('')}~`), { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), async (paths, limit) => {
        const here = folder(Object.fromEntries(paths.map((path) => [path, ''])));
        const expected = [...paths].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(idsOf(await drain(await openFolder(here), limit))).toStrictEqual(expected);
      }),
      { numRuns: 30 },
    );
  }, 30_000);
});

describe('links', () => {
  test('to files are taken by where they lead; linked folders are not followed', async () => {
    const away = folder({ 'secret.jpg': '', 'set/x.jpg': '' });
    const here = folder({ 'real/a.jpg': '', '.hidden/h.jpg': '' });
    const link = (target: string, name: string): void => symlinkSync(target, join(here, name));
    link('real/a.jpg', 'in.jpg');
    link('.hidden/h.jpg', 'to-hidden.jpg');
    link(join(away, 'secret.jpg'), 'out.jpg');
    link(join(away, 'set'), 'out-folder');
    link('real', 'in-folder');
    link('.', 'loop');
    link('..', 'real/up');
    link('self.jpg', 'self.jpg');
    link('nothing.jpg', 'broken.jpg');
    link('/dev/zero', 'device.jpg');
    link(join(away, 'secret.jpg'), 'table.csv');
    link(join(away, 'secret.jpg'), '.secret.jpg');
    const source = await openSource(here);
    expect(outline(await drain(source))).toStrictEqual([
      'broken.jpg SLUICE_E_IMAGE_MISSING',
      'in.jpg',
      'out.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
      'real/a.jpg',
      'self.jpg SLUICE_E_IMAGE_MISSING',
      'to-hidden.jpg',
    ]);
    expect(source.warnings()[0]).toBe('4 linked folders were not followed: "in-folder", "loop", "out-folder", "real/up".');
  });

  test('the folder itself may be a link; its identity is the real path', async () => {
    const here = folder({ 'set/a.jpg': '' });
    symlinkSync('set', join(here, 'alias'));
    const source = await openFolder(join(here, 'alias'));
    expect(source.identity).toBe(`folder:${join(here, 'set')}`);
    expect(sampleAt(await drain(source), 0).uri).toBe(join(here, 'set/a.jpg'));
  });

  test('a link is looked at when it is handed out: one that was changed since the listing is refused', async () => {
    const away = folder({ 'x.jpg': '' });
    const here = folder({ 'a.jpg': '' });
    symlinkSync('a.jpg', join(here, 'l.jpg'));
    const source = await openFolder(here);
    execFileSync('ln', ['-sfn', join(away, 'x.jpg'), join(here, 'l.jpg')]);
    expect(outline(await drain(source))).toStrictEqual(['a.jpg', 'l.jpg SLUICE_E_PATH_OUTSIDE_ROOT']);
  });
});

describe('names and folders that the system makes hard', () => {
  test('a name that is no UTF-8 is an entry of its own, two such names two', async () => {
    const here = folder({ 'b.jpg': '' });
    for (const name of ['a\xff.jpg', 'a\xfe.jpg', 'd\xe9/x.jpg', 'd\xe9/y\\.jpg']) {
      const path = Buffer.concat([Buffer.from(`${here}/`), Buffer.from(name, 'latin1')]);
      if (name.includes('/')) mkdirSync(path.subarray(0, path.lastIndexOf('/')), { recursive: true });
      writeFileSync(path, '');
    }
    const entries = await drain(await openFolder(here));
    expect(outline(entries)).toStrictEqual([
      'a\\xfe.jpg SLUICE_E_IMAGE_UNREADABLE',
      'a\\xff.jpg SLUICE_E_IMAGE_UNREADABLE',
      'b.jpg',
      'd\\xe9/x.jpg SLUICE_E_IMAGE_UNREADABLE',
      'd\\xe9/y\\x5c.jpg SLUICE_E_IMAGE_UNREADABLE',
    ]);
    expect(errorAt(entries, 0).message).toMatch(/no valid UTF-8/);
  });

  test('a folder that cannot be listed is one dead letter, the rest goes on', async () => {
    const here = folder({ 'a.jpg': '', 'z.jpg': '' });
    onTestFinished(() => void execFileSync('rm', ['-rf', here]));
    const before = process.cwd();
    // Deeper than the system takes a path: also root is refused.
    try {
      process.chdir(here);
      for (let depth = 0; depth < 22; depth += 1) {
        mkdirSync('n'.repeat(200));
        process.chdir('n'.repeat(200));
      }
    } finally {
      process.chdir(before);
    }
    const entries = await drain(await openFolder(here));
    expect(idsOf(entries).map((id) => id.length)).toStrictEqual([5, expect.any(Number) as number, 5]);
    expect(errorAt(entries, 1).code).toBe('SLUICE_E_IMAGE_UNREADABLE');
    expect(errorAt(entries, 1).message).toMatch(/cannot be listed/);
    expect(idsOf(entries)[1]).toMatch(/^n{200}\/.*\/$/);
  });

  test('a root that is not there', async () => {
    expect((await faultOf(openFolder('/none/such'))).code).toBe('SLUICE_E_CONFIG_INVALID');
  });
});

test('more files in one folder than one reading of it gives', async () => {
  const here = folder();
  for (let i = 0; i < 3000; i += 1) writeFileSync(join(here, `${(i * 7919) % 3000}.jpg`), '');
  const ids = idsOf(await drain(await openFolder(here), 1000));
  expect(ids).toHaveLength(3000);
  expect(ids).toStrictEqual([...ids].sort());
}, 30_000);
