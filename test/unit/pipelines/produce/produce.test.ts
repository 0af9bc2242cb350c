import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../../operators/ports.ts';
import { produceAll } from '../../../../pipelines/produce/produce.ts';
import type { Message } from '../../../../pipelines/produce/records.ts';
import { SluiceError } from '../../../../schemas/errors.ts';

const sample = (id: string): Entry => ({ sample: { id, uri: `/${id}`, stream: 's', time: null, label: null, origin: null } });

function sourceOf(entries: readonly Entry[]): { readonly identity: string; readonly total: number; readonly fit: 'crop'; readonly header: null; next(limit: number): Promise<readonly Entry[]>; close(): Promise<void> } {
  let at = 0;
  return { identity: '', total: entries.length, fit: 'crop', header: null, next: async (limit) => entries.slice(at, (at += limit)), close: async () => {} };
}

const message = (id: string, bytes = 10): Message => ({ topic: 't', key: 's', value: Buffer.from(id.padEnd(bytes)), refersTo: null });
const never = new AbortController().signal;

describe('produceAll', () => {
  test('sends all in order, tells of what is bad, leaves out what says nothing', async () => {
    const entries = [sample('a'), { id: 'b', error: new SluiceError('SLUICE_E_ROW_INVALID', 'no row') }, sample('quiet'), sample('broken'), sample('c')];
    const [sent, bad] = [[] as string[], [] as string[]];
    const ended = await produceAll(
      {
        source: sourceOf(entries),
        make: async ({ id }) => {
          if (id === 'broken') throw new SluiceError('SLUICE_E_IMAGE_EMPTY', 'no bytes');
          return id === 'quiet' ? null : message(id, 0);
        },
        send: async () => {},
        sent: (messages) => sent.push(...messages.map(({ value }) => value.toString())),
        bad: (id, { code }) => bad.push(`${id} ${code}`),
      },
      never,
    );
    expect({ ended, sent, bad }).toEqual({ ended: true, sent: ['a', 'c'], bad: ['b SLUICE_E_ROW_INVALID', 'broken SLUICE_E_IMAGE_EMPTY'] });
  });

  test('holds no more than what is on its way and what is to follow, by number and by bytes', async () => {
    for (const { bytes, most } of [{ bytes: 0, most: 512 }, { bytes: 500_000, most: 10 }]) {
      const entries = Array.from({ length: 2000 }, (_, i) => sample(String(i)));
      let [made, written, held, sending] = [0, 0, 0, 0];
      await produceAll(
        {
          source: sourceOf(entries),
          make: async ({ id }) => {
            made += 1;
            held = Math.max(held, made - written);
            return { ...message('', 0), value: Buffer.alloc(bytes), key: id };
          },
          send: async () => {
            sending += 1;
            expect(sending).toBe(1);
            await new Promise(setImmediate);
            sending -= 1;
          },
          sent: (messages) => (written += messages.length),
          bad: () => {},
        },
        never,
      );
      expect(written).toBe(2000);
      expect(held).toBeLessThanOrEqual(most);
    }
  });

  test('writes what it has and says that there was more, when it is stopped', async () => {
    const stop = new AbortController();
    let [made, written] = [0, 0];
    const ended = await produceAll(
      {
        source: sourceOf(Array.from({ length: 1000 }, (_, i) => sample(String(i)))),
        make: async () => {
          if (++made === 300) stop.abort();
          return message('x');
        },
        send: async () => {},
        sent: (messages) => (written += messages.length),
        bad: () => {},
      },
      stop.signal,
    );
    expect({ ended, made, written }).toEqual({ ended: false, made: 300, written: 300 });
  });

  test('fails where the broker does, and where a fault is its own', async () => {
    const parts = { source: sourceOf([sample('a')]), make: async () => message('x'), send: () => Promise.reject(new Error('no broker')), sent: () => {}, bad: () => {} };
    await expect(produceAll(parts, never)).rejects.toThrow('no broker');
    await expect(produceAll({ ...parts, source: sourceOf([sample('a')]), make: () => Promise.reject(new TypeError('ours')) }, never)).rejects.toThrow('ours');
  });
});
