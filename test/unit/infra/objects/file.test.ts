import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ObjectStore } from '../../../../infra/objects/store.ts';
import { causeOf, failureOf, objects, refer } from './world.ts';

interface Tree {
  readonly root: string;
  readonly outside: string;
  readonly store: ObjectStore;
}

/** A root with a file, beside a folder that is none of its business. */
function tree(): Tree {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-objects-')));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const [root, outside] = [join(top, 'root'), join(top, 'outside')];
  mkdirSync(join(root, 'cam'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(root, 'cam', 'a.jpg'), 'inside');
  writeFileSync(join(outside, 'secret.jpg'), 'outside');
  return { root, outside, store: objects({ roots: [root], limits: { bytes: 1000 } }) };
}

const text = async (store: ObjectStore, uri: string): Promise<string> => Buffer.from(await store.read(refer(uri))).toString();

describe('is read', () => {
  test.each([
    ['file:///…', (root: string) => `file://${root}/cam/a.jpg`],
    ['file:/…', (root: string) => `file:${root}/cam/a.jpg`],
    ['in capitals', (root: string) => `FILE://${root}/cam/a.jpg`],
    ['percent-encoded', (root: string) => `file://${root}/c%61m/%61.jpg`],
  ])('%s', async (_, uri) => {
    const { root, store } = tree();
    expect(await text(store, uri(root))).toBe('inside');
  });

  test('names with any signs, as a URL writes them', async () => {
    const { root, store } = tree();
    for (const name of ['a b.jpg', '100%.jpg', 'été ☃ #1?.jpg', 'a+b.jpg', 'back\\slash.jpg', '..a', 'new\nline.jpg']) {
      writeFileSync(join(root, name), name);
      expect(await text(store, pathToFileURL(join(root, name)).href)).toBe(name);
    }
  });

  test('links that stay inside, and a root that is itself a link, by either of its names', async () => {
    const { root, store } = tree();
    symlinkSync(join(root, 'cam'), join(root, 'camera'));
    symlinkSync('cam/a.jpg', join(root, 'b.jpg'));
    expect(await text(store, `file://${root}/camera/a.jpg`)).toBe('inside');
    expect(await text(store, `file://${root}/b.jpg`)).toBe('inside');
    symlinkSync(root, `${root}-link`);
    const linked = objects({ roots: [`${root}-link/`] });
    expect(await text(linked, `file://${root}-link/cam/a.jpg`)).toBe('inside');
    expect(await text(linked, `file://${root}/cam/a.jpg`)).toBe('inside');
  });

  test('a file that is there at the second attempt', async () => {
    const { root } = tree();
    const store = objects({ roots: [root], retries: { attempts: 2 } }, { sleep: async () => writeFileSync(join(root, 'late.jpg'), 'late') });
    expect(await text(store, `file://${root}/late.jpg`)).toBe('late');
  });
});

const FORM = 'the reference is not of the form file:///path: absolute and without a host';
const PARTS = 'the path has a part that is empty, "." or ".."';
const FOLDER = 'the file lies in no configured folder';

test.each<[string, (root: string) => string, string]>([
  ['a file outside', (root) => `file://${root}/../outside/secret.jpg`.replace('/root/..', ''), FOLDER],
  ['a folder whose name begins as the root does', (root) => `file://${root}er/a.jpg`, FOLDER],
  ['the root itself', (root) => `file://${root}`, FOLDER],
  ['a system file', () => 'file:///etc/passwd', FOLDER],
  ['a way up', (root) => `file://${root}/../outside/secret.jpg`, PARTS],
  ['a way up, encoded', (root) => `file://${root}/%2e%2E/outside/secret.jpg`, PARTS],
  ['a way up and down again', (root) => `file://${root}/cam/../cam/a.jpg`, PARTS],
  ['a part that is a dot', (root) => `file://${root}/./cam/a.jpg`, PARTS],
  ['an empty part', (root) => `file://${root}//cam/a.jpg`, PARTS],
  ['a slash at the end', (root) => `file://${root}/cam/a.jpg/`, PARTS],
  ['a host', (root) => `file://localhost${root}/cam/a.jpg`, FORM],
  ['another host', () => 'file://server/share/a.jpg', FORM],
  ['four slashes', (root) => `file:///${root}/cam/a.jpg`, FORM],
  ['a relative path', () => 'file:cam/a.jpg', FORM],
  ['an encoded slash', (root) => `file://${root}/cam%2Fa.jpg`, 'the reference holds an encoded slash or a NUL character'],
  ['a NUL', (root) => `file://${root}/cam/a.jpg%00.png`, 'the reference holds an encoded slash or a NUL character'],
  ['a query', (root) => `file://${root}/cam/a.jpg?x`, 'the reference has a query or a fragment; in a file name "?" is %3F and "#" is %23'],
  ['a fragment', (root) => `file://${root}/cam/a.jpg#x`, 'the reference has a query or a fragment; in a file name "?" is %3F and "#" is %23'],
  ['half an encoding', (root) => `file://${root}/cam/%4`, 'the percent-encoding of the reference is broken, or is no UTF-8'],
  ['an encoding of no UTF-8', (root) => `file://${root}/cam/%ff`, 'the percent-encoding of the reference is broken, or is no UTF-8'],
])('refused: %s', async (_, uri, cause) => {
  const { root, store } = tree();
  expect(await causeOf(store.read(refer(uri(root))))).toEqual(['SLUICE_E_REFERENCE_REFUSED', cause]);
});

test('refused: what a link leads to outside, as a file, a folder or a later change', async () => {
  const { root, outside, store } = tree();
  symlinkSync(join(outside, 'secret.jpg'), join(root, 'link.jpg'));
  symlinkSync(outside, join(root, 'linked'));
  for (const [path, id] of [['link.jpg', 'link.jpg'], ['linked/secret.jpg', 'linked/secret.jpg']] as const) {
    expect(await causeOf(store.read(refer(`file://${root}/${path}`)))).toEqual(['SLUICE_E_REFERENCE_REFUSED', `"${id}" is a link, or lies behind one, that leads out of the root.`]);
  }
  expect(await text(store, `file://${root}/cam/a.jpg`)).toBe('inside');
  renameSync(join(root, 'cam'), join(root, 'old'));
  symlinkSync(outside, join(root, 'cam'));
  writeFileSync(join(outside, 'a.jpg'), 'outside');
  expect((await failureOf(store.read(refer(`file://${root}/cam/a.jpg`)))).code).toBe('SLUICE_E_REFERENCE_REFUSED');
});

test('refused: what is no regular file, at once', async () => {
  const { root, store } = tree();
  execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'pipe')]);
  expect(await causeOf(store.read(refer(`file://${root}/pipe`)))).toEqual(['SLUICE_E_REFERENCE_REFUSED', '"pipe" is no regular file.']);
  expect(await causeOf(store.read(refer(`file://${root}/cam`)))).toEqual(['SLUICE_E_REFERENCE_REFUSED', '"cam" is a folder.']);
});

test('missing, empty, and over the limit', async () => {
  const { root, store } = tree();
  writeFileSync(join(root, 'empty'), '');
  writeFileSync(join(root, 'large'), '');
  truncateSync(join(root, 'large'), 1001);
  symlinkSync('/nowhere', join(root, 'dangling'));
  expect(await failureOf(store.read(refer(`file://${root}/none.jpg`)))).toMatchObject({ code: 'SLUICE_E_OBJECT_MISSING', message: 'There is no file "none.jpg", or it is a link to nothing.', retriable: true });
  expect((await failureOf(store.read(refer(`file://${root}/dangling`)))).code).toBe('SLUICE_E_OBJECT_MISSING');
  expect((await failureOf(store.read(refer(`file://${root}/empty`)))).code).toBe('SLUICE_E_IMAGE_EMPTY');
  expect(await causeOf(store.read(refer(`file://${root}/large`)))).toEqual(['SLUICE_E_IMAGE_TOO_LARGE', 'the file has 1001 bytes, over the limit of 1000 bytes']);
});
