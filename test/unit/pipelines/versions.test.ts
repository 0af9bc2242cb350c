import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../../infra/store/sqlite.ts';
import { makeVersion } from '../../../infra/store/versions.ts';
import { diffLines } from '../../../pipelines/commands/diff.ts';
import { diffOf } from '../../../pipelines/versions/diff.ts';
import { placesOf } from '../../../pipelines/versions/places.ts';
import type { Decision } from '../../../schemas/decision.ts';
import { batchOf, CONFIG, decisionAt } from '../infra/store/decisions.ts';
import { codeOf, temporaryFolder } from '../infra/store/world.ts';

/** In the plane: two are as like as the cosine of the angle between them. */
const at = (degrees: number): Float32Array => Float32Array.of(Math.cos((degrees / 180) * Math.PI), Math.sin((degrees / 180) * Math.PI), 0);
const item = (seq: number, degrees: number, label: Decision['label'], changes: Partial<Decision> = {}): Decision => decisionAt(seq, { id: `${seq}.jpg`, verdict: 'admit', label, embedding: at(degrees), ...changes });

function folder(decisions: readonly Decision[], model = CONFIG.model): string {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.recordRun(0, { ...CONFIG, model });
  store.commit(batchOf({ decisions }));
  store.close();
  return dir;
}

describe('the places of a diff', () => {
  test('are a folder with versions, or two of DIR:VERSION; a colon may be part of a folder', () => {
    const dir = temporaryFolder();
    const colon = join(dir, 'a:b');
    mkdirSync(colon);
    expect(placesOf([dir, 'a', 'b'])).toEqual([{ dir, version: 'a' }, { dir, version: 'b' }]);
    expect(placesOf([dir, 'a'])).toEqual([{ dir, version: 'a' }, { dir, version: null }]);
    expect(placesOf([`${dir}:a`, `${colon}:b`])).toEqual([{ dir, version: 'a' }, { dir: colon, version: 'b' }]);
    expect(placesOf([colon, dir])).toEqual([{ dir: colon, version: null }, { dir, version: null }]);
    for (const places of [[], ['a'], ['a', 'b', 'c', 'd']]) expect(codeOf(() => placesOf(places))).toBe('SLUICE_E_USAGE');
  });
});

describe('a diff', () => {
  test('of two versions of a folder tells what came, went and was labelled anew, and how well each covers the other', async () => {
    const dir = folder([item(0, 0, 'cat'), item(1, 90, 'dog'), item(2, 180, 'dog')]);
    makeVersion(dir, 'a', 0);
    const store = openStore(dir);
    store.commit(batchOf({ decisions: [item(3, 10, 'cat'), item(4, 270, null), decisionAt(5, { verdict: 'reject', embedding: at(0) })], corrections: [{ seq: 1, label: 'cat', origin: null, objects: [] }] }));
    store.close();
    makeVersion(dir, 'b', 0);
    const diff = await diffOf(placesOf([dir, 'a', 'b']), 0.9);
    expect(diff).toMatchObject({
      a: { admitted: 3, forgotten: 0 },
      b: { admitted: 5, forgotten: 0 },
      added: ['3.jpg', '4.jpg'],
      removed: [],
      renamed: [],
      relabelled: [{ id: '1.jpg', from: 'dog', to: 'cat' }],
      classes: [{ class: 'cat', a: 1, b: 3 }, { class: 'dog', a: 2, b: 1 }],
      coverage: { bOfA: { share: 1, mean: null } },
    });
    // Of b all but the one at 270 degrees have a near one in a.
    expect(diff.coverage?.aOfB.share).toBeCloseTo(4 / 5);
    expect(diff.coverage?.aOfB.mean).toBeCloseTo(Math.cos(Math.PI / 18) / 2, 4);
    expect(await diffOf(placesOf([dir, 'a']), 0.9)).toEqual(diff);
    expect(diffLines(diff)).toEqual([
      '2 added, 0 removed, 1 relabelled, 0 under another name',
      '',
      '                                                     a         b    change',
      'items                                                3         5        +2',
      'classes                                              2         2',
      '  cat                                                1         3        +2',
      '  dog                                                2         1        -1',
      '',
      'a covers of b 80.0 % (an item as like as 0.9 or more); what is not in it is 0.492 like its nearest, on average',
      'b covers of a 100.0 % (an item as like as 0.9 or more)',
      '+ 3.jpg',
      '+ 4.jpg',
      '~ 1.jpg: dog -> cat',
    ]);
    const back = await diffOf(placesOf([`${dir}:b`, `${dir}:a`]), 0.9);
    expect(back).toMatchObject({ added: [], removed: ['3.jpg', '4.jpg'], coverage: { aOfB: diff.coverage?.bOfA, bOfA: diff.coverage?.aOfB } });
  });

  test('of two folders knows a picture by its bytes where its id differs', async () => {
    const a = folder([item(0, 0, 'cat'), item(1, 90, 'dog')]);
    const b = folder([item(0, 90, 'dog', { id: 'moved/1.jpg', digest: (1).toString(16).padStart(64, '0') }), item(1, 45, 'cow', { digest: 'f'.repeat(64), id: 'new.jpg' })]);
    expect(await diffOf(placesOf([a, b]), 0.7)).toMatchObject({ added: ['new.jpg'], removed: ['0.jpg'], renamed: [{ from: '1.jpg', to: 'moved/1.jpg' }], relabelled: [], coverage: { aOfB: { share: 1 }, bOfA: { share: 1 } } });
  });

  test('tells nothing of coverage where embeddings cannot be compared, or a side is empty', async () => {
    const a = folder([item(0, 0, 'cat')]);
    const empty = folder([decisionAt(0, { verdict: 'reject' })]);
    const other = folder([item(0, 0, 'cat')], 'another model');
    for (const b of [empty, other]) {
      const diff = await diffOf(placesOf([a, b]), 0.7);
      expect(diff.coverage).toBeNull();
      expect(diffLines(diff).join('\n')).toContain('coverage: none to tell');
    }
  });
});
