import { expect, test } from 'vitest';
import { jsonl } from '../../../../infra/sinks/jsonl.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import { openReader } from '../../../../infra/store/reader.ts';
import { batchOf, decisionAt } from '../store/decisions.ts';
import { temporaryFolder } from '../store/world.ts';
import { readerOf, textOf } from './made.ts';

test('a line holds exactly the fields of the contract, in its order', () => {
  const reader = readerOf({ items: [{ id: 'a/b.jpg', uri: '/data/a/b.jpg', stream: 'cam 1', time: Date.UTC(2026, 10, 23, 6, 30, 0, 5), label: 'cat', suspicion: 0.25, split: 'validation', origin: '{"secret":1}' }] });
  expect(textOf(jsonl, reader)).toBe(
    '{"id":"a/b.jpg","uri":"/data/a/b.jpg","stream":"cam 1","time":"2026-11-23T06:30:00.005Z","seq":0,"verdict":"admit","review":false,' +
      '"reasons":[{"code":"novelty","value":0.25,"threshold":0.125}],"score":0.5,"novelty":0.75,"cluster":0,"share":0.1,"nearest":null,"label":"cat",' +
      '"suspicion":0.25,"suspicion_now":0.25,"quality":{"brightness":0.5,"contrast":0.25,"sharpness":120.5,"width":640,"height":480},"split":"validation"}\n',
  );
});

test('boxes come in pixels, whatever they were given in', () => {
  const reader = readerOf({ items: [{ label: [{ class: 'a', bbox: [0.1, 0.3, 0.5, 1], relative: true }, { class: 'b', bbox: [1.5, 2, 3, 4] }] }, { label: [] }, { label: null }] });
  const labels = textOf(jsonl, reader).trimEnd().split('\n').map((line) => (JSON.parse(line) as { label: unknown }).label);
  expect(labels).toEqual([[{ class: 'a', bbox: [64, 144, 320, 480] }, { class: 'b', bbox: [1.5, 2, 3, 4] }], [], null]);
});

test('objects come last, with the codes of the reasons that are of them, and only where there are any', () => {
  const object = { index: 1, class: 'cat', bbox: [1.5, 2, 30, 40], cluster: 7, share: 0.25, suspicion: 0.75, suggested: 'dog', faults: ['duplicate'] } as const;
  const unseen = { ...object, index: 2, cluster: null, share: null, suspicion: null, suggested: null, faults: [] } as const;
  const reader = readerOf({ items: [{ objects: [object, unseen], reasons: [{ code: 'reserve', value: 1, threshold: 1 }, { code: 'object_share', value: 0.1, threshold: 0.2, object: 1 }] }, {}] });
  const [first = '', second = ''] = textOf(jsonl, reader).split('\n');
  expect(first).toContain('"reasons":[{"code":"reserve","value":1,"threshold":1},{"code":"object_share","value":0.1,"threshold":0.2}],"score"');
  expect(first).toMatch(/"split":null,"objects":\[\{"index":1,"class":"cat","bbox":\[1\.5,2,30,40\],"suspicion":0\.75,"suggested":"dog","faults":\["duplicate"\],"reasons":\["object_share"\]\},\{"index":2,"class":"cat","bbox":\[1\.5,2,30,40\],"suspicion":null,"suggested":null,"faults":\[\],"reasons":\[\]\}\]\}$/);
  expect(Object.keys(JSON.parse(second) as object)).not.toContain('objects');
  expect([first, second, '{"id":1,"objects":[]}'].map((line) => jsonl.begins(line))).toEqual([true, true, false]);
});

test('suspicion_now is the latest, suspicion the first', () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(batchOf({ decisions: [decisionAt(0, { suspicion: 0.125 })] }));
  store.commit(batchOf({ amends: [{ seq: 0, suspicion: 0.875, review: true }] }));
  store.close();
  const reader = openReader(dir);
  expect(JSON.parse(textOf(jsonl, reader))).toMatchObject({ suspicion: 0.125, suspicion_now: 0.875, review: true });
  reader.close();
});

test('whatever an id holds, a verdict is one line and the id comes back', () => {
  const ids = ['a\nb', 'a\r\nb', '\u2028', '\ud800', '"', '\\', '\0', ''];
  const lines = textOf(jsonl, readerOf({ items: ids.map((id) => ({ id })) })).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => (JSON.parse(Buffer.from(line).toString()) as { id: string }).id)).toEqual(ids);
});
