/** What holds whatever the scheme: attempts, time, memory, hashes, and giving up. */
import { createHash } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Opened } from '../../../../infra/objects/answer.ts';
import { objectStore, type ObjectStore, type Opener } from '../../../../infra/objects/store.ts';
import { SluiceError, type ErrorCode } from '../../../../schemas/errors.ts';
import { causeOf, failureOf, refer } from './world.ts';

const BYTES = Buffer.from('the bytes');
const HASH = createHash('sha256').update(BYTES).digest('hex');
const REFERENCE = refer('test:a');

function opened(bytes: Uint8Array, { read = async () => Buffer.from(bytes), close = async () => {} }: Partial<Opened> = {}): Opened {
  return { size: bytes.length, read, close };
}

interface Options {
  readonly attempts?: number;
  readonly seconds?: number;
  readonly idleSeconds?: number;
  readonly bytes?: number;
  readonly waits?: number[];
}

function storeOf(open: Opener, { attempts = 4, seconds = 60, idleSeconds = 60, bytes = 1000, waits = [] }: Options = {}): ObjectStore {
  const sleep = async (ms: number): Promise<void> => void waits.push(ms);
  return objectStore({ openers: new Map([['test', open]]), limits: { bytes, seconds, idleSeconds }, retries: { attempts, firstMs: 100, mostMs: 350 }, sleep, close: () => {} });
}

/** Fails with these codes one after the other, then opens. */
function failing(...codes: readonly ErrorCode[]): Opener & { calls: number } {
  const open = async (): Promise<Opened> => {
    const code = codes[opener.calls++];
    if (code !== undefined) throw new SluiceError(code, 'made to fail');
    return opened(BYTES);
  };
  const opener = Object.assign(open, { calls: 0 });
  return opener;
}

describe('attempts', () => {
  test.each<ErrorCode>(['SLUICE_E_OBJECT_MISSING', 'SLUICE_E_OBJECT_UNAVAILABLE', 'SLUICE_E_OBJECT_TIMEOUT', 'SLUICE_E_IMAGE_UNREADABLE'])('%s is tried again, after waits that double up to a limit', async (code) => {
    const waits: number[] = [];
    const open = failing(code, code, code, code);
    expect(await storeOf(open, { attempts: 5, waits }).read(REFERENCE)).toEqual(BYTES);
    expect([open.calls, waits]).toEqual([5, [100, 200, 350, 350]]);
  });

  test('and given up after the last, with its own code', async () => {
    const waits: number[] = [];
    const open = failing(...Array.from({ length: 9 }, () => 'SLUICE_E_OBJECT_MISSING' as const));
    const error = await failureOf(storeOf(open, { attempts: 3, waits }).read(REFERENCE));
    expect(error).toMatchObject({ code: 'SLUICE_E_OBJECT_MISSING', message: 'made to fail; tried 3 times', retriable: true });
    expect([open.calls, waits]).toEqual([3, [100, 200]]);
  });

  test.each<ErrorCode>(['SLUICE_E_REFERENCE_REFUSED', 'SLUICE_E_OBJECT_DENIED', 'SLUICE_E_OBJECT_MISMATCH', 'SLUICE_E_IMAGE_TOO_LARGE', 'SLUICE_E_IMAGE_FORMAT', 'SLUICE_E_INTERRUPTED'])('%s is not tried again', async (code) => {
    const open = failing(code);
    expect(await causeOf(storeOf(open).read(REFERENCE))).toEqual([code, 'made to fail']);
    expect(open.calls).toBe(1);
  });

  test('what nobody expected is an internal error', async () => {
    expect(await causeOf(storeOf(() => Promise.reject(new TypeError('a fault'))).read(REFERENCE))).toEqual(['SLUICE_E_INTERNAL', 'a fault']);
  });
});

describe('the hash', () => {
  test('holds in either case of its digits', async () => {
    const store = storeOf(failing());
    expect(await store.read(refer('test:a', HASH))).toEqual(BYTES);
    expect(await store.read(refer('test:a', HASH.toUpperCase()))).toEqual(BYTES);
  });

  test('a mismatch is final', async () => {
    const open = failing();
    const error = await failureOf(storeOf(open).read(refer('test:a', '0'.repeat(64))));
    expect(error).toMatchObject({ code: 'SLUICE_E_OBJECT_MISMATCH', message: `the SHA-256 of the object is ${HASH}, and ${'0'.repeat(64)} was expected`, retriable: false });
    expect(open.calls).toBe(1);
  });
});

test.each([
  ['test:a', 'abc', 'the SHA-256 of the reference is not 64 hexadecimal digits'],
  ['test:a', `${'0'.repeat(63)}g`, 'the SHA-256 of the reference is not 64 hexadecimal digits'],
  ['', null, 'the reference does not begin with a scheme, such as https:'],
  ['/etc/passwd', null, 'the reference does not begin with a scheme, such as https:'],
  [' test:a', null, 'the reference does not begin with a scheme, such as https:'],
  ['gopher://a/', null, 'references with gopher: are not configured'],
  ['data:image/png;base64,AAAA', null, 'references with data: are not configured'],
  [`test:${'a'.repeat(8200)}`, null, 'the reference is longer than 8192 characters or no valid Unicode'],
  ['test:\uD800', null, 'the reference is longer than 8192 characters or no valid Unicode'],
])('the reference %j with hash %j is refused', async (uri, sha256, cause) => {
  expect(await causeOf(storeOf(failing()).read({ uri, sha256 }))).toEqual(['SLUICE_E_REFERENCE_REFUSED', cause]);
});

describe('work on the bytes', () => {
  test('gets them, and its outcome is handed on', async () => {
    expect(await storeOf(failing()).use(REFERENCE, async (bytes) => bytes.length)).toBe(9);
  });

  test('is not done again where it fails, though its failure may be retriable', async () => {
    const open = failing();
    const work = (): Promise<never> => Promise.reject(new SluiceError('SLUICE_E_IMAGE_TIMEOUT', 'slow'));
    expect(await causeOf(storeOf(open).use(REFERENCE, work))).toEqual(['SLUICE_E_IMAGE_TIMEOUT', 'slow']);
    expect(open.calls).toBe(1);
  });

  test('is not hurried by the limits of reading', async () => {
    const store = storeOf(failing(), { seconds: 0.02, idleSeconds: 0.02 });
    expect(await store.use(REFERENCE, () => new Promise((resolve) => setTimeout(resolve, 100, 'done')))).toBe('done');
  });

  test('no more bytes are held than the limit, those being worked on included', async () => {
    let held = 0;
    let most = 0;
    const open: Opener = async () => opened(Buffer.alloc(400), {
      read: async () => {
        held += 400;
        most = Math.max(most, held);
        return Buffer.alloc(400);
      },
    });
    const store = storeOf(open, { bytes: 1000 });
    await Promise.all(Array.from({ length: 20 }, () => store.use(REFERENCE, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      held -= 400;
    })));
    expect([held, most]).toEqual([0, 800]);
  });

  test('who waits for memory is not out of time', async () => {
    const store = storeOf(async () => opened(Buffer.alloc(1000)), { bytes: 1000, seconds: 0.05, idleSeconds: 0.05, attempts: 1 });
    const slow = store.use(REFERENCE, () => new Promise((resolve) => setTimeout(resolve, 200)));
    expect(await store.use(REFERENCE, async () => 'read')).toBe('read');
    await slow;
  });
});

describe('time', () => {
  const never = (): Promise<never> => new Promise(() => {});

  test('for the whole, whatever comes', async () => {
    const open: Opener = async (_, attempt) => {
      const drip = setInterval(() => attempt.heard(), 5);
      attempt.signal.addEventListener('abort', () => clearInterval(drip));
      return await never();
    };
    const error = await failureOf(storeOf(open, { attempts: 1, seconds: 0.1 }).read(REFERENCE));
    expect(error).toMatchObject({ code: 'SLUICE_E_OBJECT_TIMEOUT', message: 'reading the object took more than 0.1 s', retriable: true });
  });

  test('for silence', async () => {
    expect(await causeOf(storeOf(never, { attempts: 1, idleSeconds: 0.05 }).read(REFERENCE))).toEqual(['SLUICE_E_OBJECT_TIMEOUT', 'nothing came for 0.05 s']);
  });

  test('what was opened is closed, even where it opens too late', async () => {
    const closed = Promise.withResolvers<void>();
    const late = Promise.withResolvers<Opened>();
    const store = storeOf(() => late.promise, { attempts: 1, seconds: 0.02 });
    expect((await failureOf(store.read(REFERENCE))).code).toBe('SLUICE_E_OBJECT_TIMEOUT');
    let read = false;
    late.resolve(opened(BYTES, { read: async () => (read = true, BYTES), close: async () => closed.resolve() }));
    await closed.promise;
    expect(read).toBe(false);
  });
});

describe('giving up', () => {
  const INTERRUPTED = ['SLUICE_E_INTERRUPTED', 'reading the object was stopped on request'];

  test('before it begins: nothing is opened', async () => {
    const open = failing();
    expect(await causeOf(storeOf(open).read(REFERENCE, AbortSignal.abort()))).toEqual(INTERRUPTED);
    expect(open.calls).toBe(0);
  });

  test('while it is opened or read: at once, and it is closed', async () => {
    const controller = new AbortController();
    let closed = false;
    const reading = Promise.withResolvers<void>();
    const stop = Promise.withResolvers<Buffer>();
    const open: Opener = async (_, { signal }) => {
      signal.addEventListener('abort', () => stop.reject(signal.reason as Error));
      return opened(BYTES, { read: () => (reading.resolve(), stop.promise), close: async () => void (closed = true) });
    };
    const outcome = storeOf(open).read(REFERENCE, controller.signal);
    await reading.promise;
    controller.abort();
    expect(await causeOf(outcome)).toEqual(INTERRUPTED);
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(true);
  });

  test('while it waits for the next attempt', async () => {
    const controller = new AbortController();
    const open = failing('SLUICE_E_OBJECT_MISSING');
    const sleep = (_: number, signal: AbortSignal | undefined): Promise<never> => new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('awake')));
      controller.abort();
    });
    const store = objectStore({ openers: new Map([['test', open]]), limits: { bytes: 10, seconds: 1, idleSeconds: 1 }, retries: { attempts: 4, firstMs: 1e6, mostMs: 1e6 }, sleep, close: () => {} });
    expect(await causeOf(store.read(REFERENCE, controller.signal))).toEqual(INTERRUPTED);
    expect(open.calls).toBe(1);
  });

  test('while it waits for memory: at once, and its turn goes to the next', async () => {
    const store = storeOf(async () => opened(Buffer.alloc(1000)), { bytes: 1000 });
    const hold = Promise.withResolvers<void>();
    const first = store.use(REFERENCE, () => hold.promise);
    const controller = new AbortController();
    const second = store.read(REFERENCE, controller.signal);
    const third = store.read(REFERENCE);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect(await causeOf(second)).toEqual(INTERRUPTED);
    hold.resolve();
    await first;
    expect(await third).toHaveLength(1000);
  });

  test('many reads under one signal leave no listener on it, and no warning', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    const { signal } = new AbortController();
    let most = 0;
    const open: Opener = async () => {
      most = Math.max(most, getEventListeners(signal, 'abort').length);
      return opened(BYTES);
    };
    const store = storeOf(open);
    await Promise.all(Array.from({ length: 50 }, () => store.read(REFERENCE, signal)));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warned);
    expect(warnings).toEqual([]);
    expect([most, getEventListeners(signal, 'abort').length]).toEqual([50, 0]);
  });
});
