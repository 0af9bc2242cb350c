import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalise, openRoot, place, resolveInside, within } from '../../../../infra/sources/inside.ts';
import { inOrder } from '../../../../infra/sources/listed.ts';
import { faultOf, folder } from './fixtures.ts';

describe('normalise', () => {
  test.each([
    ['a.jpg', 'a.jpg'],
    ['./a//b.jpg', 'a/b.jpg'],
    ['a/../b.jpg', 'b.jpg'],
    ['a/b/../../c.jpg', 'c.jpg'],
    ['..a/b..', '..a/b..'],
    ['a\\..\\b', 'a\\..\\b'],
    ['.', ''],
  ])('%j is %j', (given, id) => expect(normalise(given)).toBe(id));

  test.each(['../a', 'a/../../b', 'a/../../root/b', '..', '/a', '//a', 'a\0.jpg', './../a'])('%j cannot lie inside', (given) => expect(normalise(given)).toBeNull());

  test('keeps two normal forms of one letter apart', () => {
    expect(normalise('\u00e9.jpg')).not.toBe(normalise('e\u0301.jpg'));
  });

  test('gives a form of which it is the normal form, without a part that moves', () => {
    const part = fc.constantFrom('', '.', '..', 'a', 'b', ' ', '...', '\\');
    fc.assert(
      fc.property(fc.array(part).map((parts) => parts.join('/')), (given) => {
        const id = normalise(given);
        if (id === null) return;
        expect(normalise(id)).toBe(id);
        expect(id === '' || id.split('/').every((name) => name !== '' && name !== '.' && name !== '..')).toBe(true);
      }),
    );
  });
});

describe('within', () => {
  test('takes whole parts of a path, not beginnings of names', () => {
    const root = { path: '/data/set', real: new Map() };
    expect(within(root, '/data/set')).toBe(true);
    expect(within(root, '/data/set/a')).toBe(true);
    expect(within(root, '/data/set2/a')).toBe(false);
    expect(within(root, '/data')).toBe(false);
  });
});

describe('place', () => {
  test('looks at links by where they lead', async () => {
    const away = folder({ 'secret.jpg': 's', 'deep/secret.jpg': 's' });
    const both = folder({ 'here/a.jpg': 'four', 'here/sub/b.jpg': 'b', 'here-sibling/c.jpg': '' });
    const here = join(both, 'here');
    const link = (target: string, name: string): void => symlinkSync(target, join(here, name));
    link('a.jpg', 'inside.jpg');
    link(join(away, 'secret.jpg'), 'outside.jpg');
    link(join(away, 'nothing.jpg'), 'broken.jpg');
    link('circle.jpg', 'circle.jpg');
    link(join(away, 'deep'), 'door');
    link('sub', 'alias');
    link('outside.jpg', 'chain.jpg');
    link(`${here}-sibling`, 'sibling');
    const root = await openRoot(here);
    const at = async (id: string): Promise<string> => (await place(root, id)).at;
    expect(await at('a.jpg')).toBe('inside');
    expect(await at('inside.jpg')).toBe('inside');
    expect(await at('alias/b.jpg')).toBe('inside');
    expect(await at('outside.jpg')).toBe('outside');
    expect(await at('chain.jpg')).toBe('outside');
    expect(await at('door/secret.jpg')).toBe('outside');
    expect(await at('door')).toBe('outside');
    expect(await at('sibling/c.jpg')).toBe('outside');
    expect(await at('broken.jpg')).toBe('missing');
    expect(await at('circle.jpg')).toBe('missing');
    expect(await at('circle.jpg/x')).toBe('missing');
    expect(await at('a.jpg/x')).toBe('missing');
    expect(await at(`${'x'.repeat(300)}.jpg`)).toBe('missing');
    expect(await at('sub')).toBe('special');
    expect(await at('')).toBe('special');
    expect(await place(root, 'a.jpg')).toStrictEqual({ at: 'inside', uri: join(here, 'a.jpg'), size: 4 });
  });

  test('remembers folders that are there and forgets those that were not', async () => {
    const root = await openRoot(folder({ 'sub/a.jpg': '' }));
    await place(root, 'sub/a.jpg');
    expect((await place(root, 'later/a.jpg')).at).toBe('missing');
    expect([...root.real.keys()]).toStrictEqual(['sub']);
    const away = folder({ 'a.jpg': '' });
    symlinkSync(away, join(root.path, 'later'));
    expect((await place(root, 'later/a.jpg')).at).toBe('outside');
  });

  test('keeps no more than a bounded number of folders', async () => {
    const root = await openRoot(folder({ 'sub/a.jpg': '' }));
    // 8,192 spellings of one folder.
    const spelling = (i: number): string => [...i.toString(2).padStart(13, '0')].map((bit) => (bit === '1' ? '/.' : '//')).join('');
    await inOrder(Array.from({ length: 8192 }, (_, i) => `sub${spelling(i)}/a.jpg`), (id) => place(root, id));
    expect(root.real.size).toBeGreaterThan(1);
    expect(root.real.size).toBeLessThanOrEqual(4096);
  }, 30_000);

  test('takes the root of the file system as root', async () => {
    const file = join(folder({ 'a.jpg': '' }), 'a.jpg');
    const root = await openRoot('/');
    expect(await place(root, file.slice(1))).toStrictEqual({ at: 'inside', uri: file, size: 0 });
  });
});

describe('resolveInside', () => {
  test('gives the code that says what is wrong', async () => {
    const root = await openRoot(folder());
    const code = async (given: string): Promise<string> => {
      const item = await resolveInside(root, given);
      return 'error' in item ? `${item.id} ${item.error.code}` : item.id;
    };
    expect(await code('../x')).toBe('../x SLUICE_E_PATH_OUTSIDE_ROOT');
    expect(await code('/etc/passwd')).toBe('/etc/passwd SLUICE_E_PATH_OUTSIDE_ROOT');
    expect(await code('a\0b')).toBe('a␀b SLUICE_E_PATH_OUTSIDE_ROOT');
    expect(await code('./x')).toBe('x SLUICE_E_IMAGE_MISSING');
    expect(await code('\ud800')).toBe('\ufffd SLUICE_E_ROW_INVALID');
  });

  test('never gives a path outside, whatever is asked for', async () => {
    const away = folder({ 'a': '', 'b/a': '' });
    const here = folder({ 'a': '', 'b/a': '' });
    symlinkSync(away, join(here, 'away'));
    symlinkSync('..', join(here, 'b', 'up'));
    symlinkSync(join(away, 'a'), join(here, 'b', 'out'));
    const root = await openRoot(here);
    const part = fc.constantFrom('', '.', '..', 'a', 'b', 'away', 'up', 'out');
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }).map((parts) => [...parts, 'a'].join('/')), async (given) => {
        const item = await resolveInside(root, given);
        if ('error' in item) return;
        taken += 1;
        // No way to a file `a` of `here` goes through these two names.
        expect(item.id).not.toMatch(/away|out/);
        expect(item.uri).toBe(join(here, item.id));
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(10);
  });
});

test('a root that is no folder is a fault of the configuration', async () => {
  const here = folder({ 'a.jpg': '' });
  expect((await faultOf(openRoot(join(here, 'a.jpg')))).code).toBe('SLUICE_E_CONFIG_INVALID');
  expect((await faultOf(openRoot(join(here, 'none')))).message).toMatch(/is not there/);
});
