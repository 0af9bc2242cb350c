import { expect, it } from 'vitest';
import { oneLife } from '../../../../infra/kafka/one-life.ts';

function pools(): { readonly opened: number[]; readonly destroyed: number[]; readonly builder: ReturnType<typeof oneLife>; readonly connect: () => void } {
  const opened: number[] = [];
  const destroyed: number[] = [];
  const door = Promise.withResolvers<void>();
  const builder = oneLife({
    build: async () => ({
      async getConnection(index = 0) {
        opened.push(index);
        await door.promise;
        return `connection ${index}`;
      },
      destroy: async () => void destroyed.push(opened.length),
    }),
  });
  return { opened, destroyed, builder, connect: () => door.resolve() };
}

it('connects once for two requests at a time', async () => {
  const { opened, builder, connect } = pools();
  const pool = await builder.build();
  const both = [pool.getConnection(), pool.getConnection(0), pool.getConnection(1)];
  connect();
  expect(await Promise.all(both)).toEqual(['connection 0', 'connection 0', 'connection 1']);
  expect(opened).toEqual([0, 1]);
});

it('connects nothing after the end', async () => {
  const { opened, builder } = pools();
  const pool = await builder.build();
  await builder.end();
  await expect(pool.getConnection()).rejects.toThrow('The client was disconnected');
  await expect(builder.build()).rejects.toMatchObject({ retriable: false });
  expect(opened).toEqual([]);
});

it('ends what was connected, also what its owner has forgotten, and once', async () => {
  const { destroyed, builder, connect } = pools();
  connect();
  const [forgotten, ended] = [await builder.build(), await builder.build()];
  await builder.build();
  await Promise.all([forgotten.getConnection(), ended.getConnection(1)]);
  await ended.destroy();
  expect(destroyed).toEqual([2]);
  await builder.end();
  expect(destroyed).toEqual([2, 2]);
});
