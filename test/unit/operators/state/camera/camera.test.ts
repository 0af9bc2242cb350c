/** Which streams are watched, how many, and that it goes on where it stopped. */
import { beforeAll, describe, expect, test } from 'vitest';
import { Cameras, MOST_CAMERAS, type HealthOf } from '../../../../../operators/state/camera/camera.ts';
import { glimpseOf } from '../../../../../operators/state/camera/glimpse.ts';
import type { Embedded } from '../../../../../operators/items.ts';
import type { Change } from '../../../../../schemas/decision.ts';
import { DAMAGE, demoFrames, footage, seen } from '../../../../support/camera.ts';
import { decideAll, facts, type MemoryStore } from '../../../../support/embedded-host.ts';
import { settings } from '../../../../support/streams.ts';

const files = demoFrames('door');
/** A camera that is covered, uncovered, goes dark, is moved and freezes. */
let story: readonly Uint8Array<ArrayBuffer>[] = [];
/** Well until the 60th, then black. */
let short: readonly Uint8Array<ArrayBuffer>[] = [];

beforeAll(async () => {
  const well = await seen(files.slice(0, 140));
  const moved = await seen(files.slice(140, 200), DAMAGE.moved);
  const last = moved.slice(-1);
  story = [...well.slice(0, 60), ...(await seen(files.slice(60, 80), DAMAGE.covered)), ...well.slice(80, 100), ...(await seen(files.slice(60, 80), DAMAGE.dark)), ...well.slice(120, 140), ...moved, ...Array.from({ length: 20 }, () => last).flat()];
  short = story.slice(0, 60).concat(story.slice(100, 120));
});

const told = (store: MemoryStore): readonly string[] => store.batches.flatMap(({ alerts }) => alerts).filter(({ kind }) => kind.startsWith('health.')).map(({ kind, seq }) => `${kind} ${seq}`);
const renamed = (made: readonly Embedded[], part: (i: number) => Partial<Embedded['sample']>): Embedded[] => made.map((item, i) => ({ ...item, sample: { ...item.sample, ...part(i) } }));

describe('a story', () => {
  test('is told the same whatever the batches, and by a run that was interrupted anywhere', async () => {
    const made = footage(story);
    const on = settings({ health: 'on' });
    const whole = await decideAll(on, made, { batch: 64 });
    expect(told(whole).map((text) => text.split(' ')[0])).toEqual(['health.covered', 'health.dark', 'health.moved', 'health.frozen']);
    expect(facts(await decideAll(on, made, { batch: 7 }))).toEqual(facts(whole));
    for (const at of [1, 40, 62, 66, 103, 106, 118, 150, 161, 190, 205]) {
      const store = await decideAll(on, made.slice(0, at), { batch: 16 });
      expect(facts(await decideAll(on, made, { batch: 16, store }))).toEqual(facts(whole));
    }
  });

  test('changes no decision', async () => {
    const [on, off] = [await decideAll(settings({ health: 'on' }), footage(story)), await decideAll(settings({ health: 'off' }), footage(story))];
    expect(on.decisions).toEqual(off.decisions);
    expect(told(off)).toEqual([]);
    expect([...off.state()].some(({ kind }) => kind === 'camera')).toBe(false);
  });
});

describe('which streams', () => {
  const of = async (health: HealthOf | undefined, made: readonly Embedded[]): Promise<readonly string[]> => told(await decideAll(settings(health === undefined ? {} : { health }), made));

  test('auto: frames of videos alone, by the time in their ids', async () => {
    expect(await of(undefined, renamed(footage(short), (i) => ({ id: `gate.mp4#t=${i}.000`, time: null })))).toEqual(['health.dark 65']);
    expect(await of('auto', footage(short))).toEqual([]);
    expect(await of('auto', renamed(footage(short), (i) => ({ id: `gate#t=${i}.jpg` })))).toEqual([]);
  });

  test('where no stream has a name each video is a camera of its own; a named one goes on from file to file', async () => {
    const two = (stream: string): Embedded[] => renamed(footage(short, { stream }), (i) => ({ id: `${i < 60 ? 'a' : 'b'}.mp4#t=${i}.000` }));
    expect(await of('auto', two('default'))).toEqual([]);
    expect(await of('auto', two('gate'))).toEqual(['health.dark 65']);
  });

  test('items without a picture, as those that come as embeddings, say nothing', async () => {
    expect(await of('on', footage(short).map((item) => ({ ...item, small: new Uint8Array() })))).toEqual([]);
  });

  test('each stream by itself', async () => {
    const two = renamed(footage(short.flatMap((small, i) => [small, short[i % 60] ?? small])), (i) => ({ stream: i % 2 === 0 ? 'gate' : 'yard' }));
    expect(await of('on', two)).toEqual(['health.dark 128']);
  });
});

test('of more cameras than are known at once the one that was silent for the longest begins anew, also in what is stored', () => {
  const cameras = new Cameras('on');
  const glimpse = glimpseOf(short[0] ?? new Uint8Array());
  const rows = new Map<number, Change>();
  const sample = { uri: '', time: null, label: null, origin: null };
  const name = (i: number): string => `camera ${i % (MOST_CAMERAS + 10)}`;
  for (let i = 0; i < 3 * MOST_CAMERAS; i++) {
    cameras.look(i, { ...sample, id: String(i), stream: name(i) }, glimpse);
    for (const change of cameras.takeChanges()) rows.set(change.key, change);
  }
  expect(rows.size).toBe(MOST_CAMERAS);
  const restored = new Cameras('on');
  for (const { key, value } of rows.values()) if (value !== null) restored.restoreRow(key, value);
  for (const some of [cameras, restored]) some.look(1000, { ...sample, id: 'new', stream: 'new' }, glimpse);
  expect([...restored.takeChanges()]).toEqual([...cameras.takeChanges()]);
});
