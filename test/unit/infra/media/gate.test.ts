import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Gate } from '../../../../infra/media/gate.ts';

test('what is under way never costs more than the capacity, everything gets its turn, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 20 }), async (scheduler, costs) => {
      const gate = new Gate(10);
      const started: number[] = [];
      let [used, running] = [0, 0];
      const all = costs.map((cost, i) =>
        gate.run(cost, async () => {
          started.push(i);
          [used, running] = [used + cost, running + 1];
          expect(used <= 10 || running === 1).toBe(true);
          await scheduler.schedule(Promise.resolve(), `work ${i}`);
          [used, running] = [used - cost, running - 1];
          return i;
        }),
      );
      await scheduler.waitFor(Promise.all(all));
      expect(started).toEqual(costs.map((_, i) => i));
      expect(await Promise.all(all)).toEqual(started);
    }),
  );
});

test('as many as fit are under way at once', async () => {
  const gate = new Gate(10);
  let running = 0;
  const done = Promise.withResolvers<void>();
  const all = [4, 4, 4].map((cost) => gate.run(cost, async () => ((running += 1), await done.promise)));
  await Promise.resolve();
  await Promise.resolve();
  expect(running).toBe(2);
  done.resolve();
  await Promise.all(all);
  expect(running).toBe(3);
});

test('alone means alone, for those before and those after', async () => {
  const gate = new Gate(10);
  const log: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
  };
  await Promise.all([gate.run(1, work('a')), gate.alone(work('b')), gate.run(1, work('c'))]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('work that fails gives its place back', async () => {
  const gate = new Gate(1);
  await expect(gate.run(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await gate.run(1, () => Promise.resolve('next'))).toBe('next');
});
