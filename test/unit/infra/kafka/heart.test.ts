import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Heart } from '../../../../infra/kafka/heart.ts';

it('beats while the work is under way, and no more afterwards', async () => {
  let beats = 0;
  const enough = Promise.withResolvers<void>();
  const heart = new Heart(async () => void (++beats === 3 && enough.resolve()), 1);
  expect(await heart.during(enough.promise.then(() => 'done'))).toBe('done');
  const then = beats;
  await sleep(20);
  expect(beats).toBe(then);
  expect(heart.lost).toBe(false);
});

it('lets the work end where the membership is lost, and tells afterwards', async () => {
  const lost = new Error('rebalancing');
  const heart = new Heart(() => Promise.reject(lost), 1);
  const work = Promise.withResolvers<string>();
  const done = heart.during(work.promise);
  while (!heart.lost) await sleep(1);
  work.resolve('done');
  expect(await done).toBe('done');
  expect(() => heart.check()).toThrow(lost);
});

it('passes on what the work throws', async () => {
  const heart = new Heart(async () => {}, 1);
  await expect(heart.during(Promise.reject(new Error('bad')))).rejects.toThrow('bad');
  heart.check();
});
