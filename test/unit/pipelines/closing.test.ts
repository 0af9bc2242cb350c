import { expect, test } from 'vitest';
import { closing } from '../../../pipelines/closing.ts';

test('closes the last first, and gives the result', async () => {
  const order: string[] = [];
  const result = await closing(async (later) => {
    later(() => void order.push('a'));
    later(async () => void order.push('b'));
    return 7;
  });
  expect([result, order]).toEqual([7, ['b', 'a']]);
});

test('closes everything although work and a close fail, and throws what failed first', async () => {
  const order: string[] = [];
  const run = closing(async (later) => {
    later(() => void order.push('a'));
    later(() => {
      throw new Error('close failed');
    });
    throw new Error('work failed');
  });
  await expect(run).rejects.toThrow('work failed');
  expect(order).toEqual(['a']);
});

test('a close that fails after good work is an error', async () => {
  await expect(closing(async (later) => later(() => Promise.reject(new Error('disk full'))))).rejects.toThrow('disk full');
});
