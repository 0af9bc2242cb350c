/** How `sluice run` ends: what it has taken is written, the group is left, and nothing keeps it for ever. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startBroker, type Broker } from '../support/broker.ts';
import { signalAgain, start, until, type Running } from '../support/cli.ts';
import { pictures, pipelineFile, urlIn, valueOf, type PipelineFile } from '../support/pipeline-file.ts';

const MANY = 600;

async function withBroker(use: (broker: Broker) => Promise<void>): Promise<void> {
  const broker = await startBroker();
  try {
    await use(broker);
  } finally {
    await broker.stop();
  }
}

/** What is committed: how far the inputs are taken, how many decisions there are, and who is in the group. */
async function standing({ client, name, topic }: PipelineFile): Promise<{ readonly taken: number; readonly decided: number; readonly members: number }> {
  const admin = client.admin();
  await admin.connect();
  const [found] = await admin.fetchOffsets({ groupId: name, topics: [topic('samples')] });
  const { groups } = await admin.describeGroups([name]);
  await admin.disconnect();
  const taken = Number(found?.partitions[0]?.offset ?? -1);
  let decided = 0;
  const consumer = client.consumer({ groupId: `${name}-look-${taken}` });
  await consumer.connect();
  await consumer.subscribe({ topic: topic('decisions'), fromBeginning: true });
  await consumer.run({ eachBatch: async ({ batch }) => void (decided += batch.messages.length) });
  await until('the decisions to be read', () => decided >= taken);
  await consumer.disconnect();
  return { taken, decided, members: groups[0]?.members.length ?? -1 };
}

/** Waits until it has decided something, and has more in hand. @returns its metrics then */
async function atWork(worker: Running): Promise<string> {
  const url = await until('the worker to start', () => urlIn(worker.stderr()));
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    if (valueOf(metrics, 'sluice_items_decided_total') > 0 && valueOf(metrics, 'sluice_items_in_flight') > 0) return metrics;
    await sleep(20);
  }
}

describe('SIGTERM', { timeout: 240_000 }, () => {
  test('ends it when what was taken is written, and it has left the group; the next one goes on there', async () => {
    await withBroker(async (broker) => {
      const pipeline = await pipelineFile(broker, ['batch: 16']);
      await pipeline.send(pictures(MANY));
      const worker = start(['run', pipeline.file]);
      const metrics = await atWork(worker);
      expect(valueOf(metrics, 'sluice_images_embedded_total')).toBeGreaterThanOrEqual(valueOf(metrics, 'sluice_items_decided_total'));
      expect(valueOf(metrics, 'sluice_embedding_duration_seconds_count')).toBeGreaterThan(0);
      expect(valueOf(metrics, 'sluice_clusters')).toBeGreaterThan(0);
      worker.signal('SIGTERM', 'group');
      const { code, stderr } = await worker.ended;
      expect(code, stderr).toBe(0);
      expect(stderr).toContain('stopped; all that was taken is written');
      const at = await standing(pipeline);
      expect(at).toMatchObject({ decided: at.taken, members: 0 });
      expect(at.taken).toBeGreaterThan(0);
      expect(at.taken).toBeLessThan(MANY);
    });
  });

  test('twice ends it at once, and nothing of the batch under way is committed', async () => {
    await withBroker(async (broker) => {
      const pipeline = await pipelineFile(broker, [`batch: ${MANY}`]);
      await pipeline.send(pictures(MANY));
      const worker = start(['run', pipeline.file]);
      await until('the worker to have its partition', () => worker.stderr().includes('taken over'));
      worker.signal('SIGTERM', 'alone');
      await signalAgain(worker, 'SIGTERM');
      expect(await worker.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    });
  });

  test('ends it within a minute where the broker is gone, and it does not claim that all is written', async () => {
    await withBroker(async (broker) => {
      const pipeline = await pipelineFile(broker, ['batch: 16']);
      await pipeline.send(pictures(MANY));
      const worker = start(['run', pipeline.file]);
      await atWork(worker);
      await broker.stop();
      worker.signal('SIGTERM', 'alone');
      const begun = performance.now();
      const { code, signal, stderr } = await worker.ended;
      expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
      expect(performance.now() - begun).toBeLessThan(60_000);
      expect(stderr).not.toContain('all that was taken is written');
      expect(stderr).toContain('stopped; what could not be written is taken up again by the next worker');
    });
  });
});
