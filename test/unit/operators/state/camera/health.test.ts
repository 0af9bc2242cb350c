/** Each state by frames of a real camera that show it, through the engine; and what only looks like one. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Alert } from '../../../../../schemas/decision.ts';
import { DAMAGE, demoFrames, footage, seen, type Damage } from '../../../../support/camera.ts';
import { decideAll } from '../../../../support/embedded-host.ts';
import { settings } from '../../../../support/streams.ts';

type Smalls = readonly Uint8Array<ArrayBuffer>[];
const files = demoFrames('door');
/** Frames before something happens. */
const BEFORE = 80;
let well: Smalls = [];

beforeAll(async () => {
  well = await seen(files.slice(0, 240));
});

async function told(smalls: Smalls, part: Parameters<typeof settings>[0] = { health: 'on' }): Promise<readonly Alert[]> {
  const store = await decideAll(settings(part), footage(smalls));
  return store.batches.flatMap(({ alerts }) => alerts).filter(({ kind }) => kind.startsWith('health.'));
}

const said = async (smalls: Smalls): Promise<readonly string[]> => (await told(smalls)).map(({ kind, seq }) => `${kind} at ${seq}`);

/** So many frames from one of them on, damaged. */
const damaged = (from: number, count: number, damage: Damage): Promise<Smalls> => seen(files.slice(from, from + count), damage);

describe.each(['dark', 'over_exposed', 'covered', 'out_of_focus'] as const)('%s', (state) => {
  test('is told once, soon, with the frames that show it', async () => {
    const alerts = await told([...well.slice(0, BEFORE), ...(await damaged(BEFORE, 60, DAMAGE[state]))]);
    expect(alerts).toEqual([{ kind: `health.${state}`, cluster: null, time: 85_000, seq: 85, support: 1, exemplars: ['item-85', 'item-84', 'item-83'], streams: ['yard'] }]);
  });

  test('is told again only after the camera was well again', async () => {
    const [some, more] = [await damaged(BEFORE, 12, DAMAGE[state]), await damaged(100, 12, DAMAGE[state])];
    expect(await said([...well.slice(0, BEFORE), ...some, ...well.slice(92, 95), ...more])).toEqual([`health.${state} at 85`]);
    expect(await said([...well.slice(0, BEFORE), ...some, ...well.slice(92, 100), ...more])).toEqual([`health.${state} at 85`, `health.${state} at 105`]);
  });

  test('of four frames is nothing', async () => {
    expect(await said([...well.slice(0, BEFORE), ...(await damaged(BEFORE, 4, DAMAGE[state])), ...well.slice(84, 150)])).toEqual([]);
  });

  test('is not told where it was never otherwise', async () => {
    expect(await said(await seen(files.slice(0, 120), DAMAGE[state]))).toEqual([]);
  });
});

describe('moved', () => {
  test('is told once, when the new view has stayed, which is the usual one from then on', async () => {
    const after = await damaged(BEFORE, 120, DAMAGE.moved);
    expect(await said([...well.slice(0, BEFORE), ...after])).toEqual(['health.moved at 100']);
    expect(await said([...well.slice(0, BEFORE), ...after, ...well.slice(200, 240)])).toEqual(['health.moved at 100', 'health.moved at 220']);
  });

  test('is what another place is', async () => {
    const street = await seen(demoFrames('street').slice(0, 60));
    const [alert, ...more] = await told([...well.slice(0, BEFORE), ...street]);
    expect(more).toEqual([]);
    expect(alert?.kind).toBe('health.moved');
    expect(alert?.seq).toBeLessThan(BEFORE + 30);
  });

  test('is not what a cut to another place and back is', async () => {
    const street = await seen(demoFrames('street').slice(0, 15));
    expect(await said([...well.slice(0, BEFORE), ...street, ...well.slice(95, 150)])).toEqual([]);
  });
});

describe('frozen', () => {
  test('is told once the same picture has come ten times more, over five seconds', async () => {
    const [last] = well.slice(BEFORE);
    if (last === undefined) throw new Error('no frame');
    expect(await said([...well.slice(0, BEFORE), ...Array.from({ length: 40 }, () => last)])).toEqual(['health.frozen at 90']);
    expect(await said([...well.slice(0, BEFORE), ...Array.from({ length: 10 }, () => last), ...well.slice(90, 150)])).toEqual([]);
  });

  test('is also what a key frame refreshes now and then, the same way each time', async () => {
    const [key, next, last] = well.slice(BEFORE, BEFORE + 3);
    if (key === undefined || next === undefined || last === undefined) throw new Error('no frame');
    expect(await said([...well.slice(0, BEFORE), ...Array.from({ length: 10 }, () => [key, next, last, last, last]).flat()])).toEqual(['health.frozen at 104']);
    expect(await said([...well.slice(0, BEFORE), ...Array.from({ length: 10 }, () => [key, next, last]).flat()])).toEqual([]);
  });

  test('is not what hardly differs', async () => {
    const [last] = well.slice(BEFORE);
    const nearly = Array.from({ length: 40 }, (_, i) => (last ?? new Uint8Array()).map((value, k) => (k < 3 ? i * 5 : value)));
    expect(await said([...well.slice(0, BEFORE), ...nearly])).toEqual([]);
  });
});

describe('nothing is told', () => {
  test('of a camera that is well, whoever walks by', async () => {
    for (const camera of ['door', 'street', 'line-1']) expect(await said(await seen(demoFrames(camera)))).toEqual([]);
  });

  test('of a lamp that goes out and on again', async () => {
    expect(await said([...well.slice(0, BEFORE), ...(await damaged(BEFORE, 60, DAMAGE.dim)), ...well.slice(140)])).toEqual([]);
  });

  test('of photos of all sorts', async () => {
    expect(await said(await seen([...demoFrames('wardrobe-a').slice(0, 150), ...demoFrames('wardrobe-b').slice(0, 50)]))).toEqual([]);
  });
});
