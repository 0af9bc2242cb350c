/** Which lanes a worker holds while partitions come and go; the lanes themselves are made up here, the real ones run in test/integration. */
import { describe, expect, test } from 'vitest';
import type { InputBatch } from '../../../../infra/kafka/inputs.ts';
import { NO_CAMPAIGNS } from '../../../../operators/state/campaigns.ts';
import { Engine } from '../../../../operators/state/engine.ts';
import { StreamHost, type StreamParts } from '../../../../pipelines/stream/host.ts';
import { Journal } from '../../../../pipelines/stream/journal.ts';
import { Lane } from '../../../../pipelines/stream/lane.ts';
import { LoopIndex } from '../../../support/embedded-host.ts';
import { settings } from '../../../support/streams.ts';

const PLACE = { topic: 'samples', partition: 0 };

/** The first message of the partition. */
function batch(): InputBatch {
  const message = { offset: '0', key: null, value: null, timestamp: '0', attributes: 0, headers: {} };
  return { ...PLACE, messages: [message], next: 1n, end: 1n, heartbeat: async () => {}, taken: () => {}, isStale: () => false };
}

/** A host whose lanes count how many of them are not closed. @param begun when a lane is opened */
function world(part: Partial<StreamParts> = {}, begun: () => void = () => {}): { readonly host: StreamHost; readonly open: () => number } {
  let open = 0;
  const takeOver = async (partition: number): Promise<{ lane: Lane; positions: [] }> => {
    const engine = new Engine(settings());
    open += 1;
    begun();
    const thumbnails = { halve: () => new Uint8Array(), encode: async () => [] };
    const lane = new Lane({ partition, engine, journal: new Journal(engine, false, 1000), index: new LoopIndex(16), thumbnails, campaigns: () => NO_CAMPAIGNS, news: () => [], outlet: () => ({ commit: () => {}, written: async () => {} }), close: async () => void (open -= 1) }, []);
    return { lane, positions: [] };
  };
  const nothing = (): void => {};
  const host = new StreamHost({ batch: 32, heartbeatMs: 1000, labels: null, takeOver, seek: nothing, read: async () => [], readLabels: async () => [], prepare: async () => [], settled: nothing, repeated: nothing, moved: nothing, lost: nothing, ...part });
  return { host, open: () => open };
}

describe('a partition that is lost while it is being taken over', () => {
  test('is let go of, and is claimed no more', async () => {
    const { host, open } = world({}, () => host.assigned([1]));
    host.assigned([0]);
    await host.take(batch());
    expect(host.owned).toEqual([]);
    await host.close();
    expect(open()).toBe(0);
  });

  test('is not taken over at all where it was lost before: that would end its new owner', async () => {
    let fenced = 0;
    const { host } = world({ takeOver: () => Promise.reject(new Error(`fenced ${++fenced}`)) });
    host.assigned([1]);
    await host.take(batch());
    expect(fenced).toBe(0);
  });
});

test('a lane is closed in the end though its inputs could not be moved to where it begins', async () => {
  const { host, open } = world({ seek: () => { throw new Error('no such group'); } });
  host.assigned([0]);
  await expect(host.take(batch())).rejects.toThrow('no such group');
  expect(open()).toBe(1);
  await host.close();
  expect(open()).toBe(0);
});
