/** Pictures in memory are decoded as files are: the same pixels, digest, limits and causes. */
import { describe, expect, test, vi } from 'vitest';
import { Gate } from '../../../../infra/media/gate.ts';
import { DEFAULT_LIMITS } from '../../../../infra/media/limits.ts';
import { SharpDecoder } from '../../../../infra/media/sharp-decoder.ts';
import type { Fit } from '../../../../operators/ports.ts';
import { scene, truncated } from '../../../support/images.ts';
import { failureOf, fileOf, SIZE } from './pictures.ts';

const jpeg = await scene(3, 'rings', { width: 300, height: 200 });

test.each<Fit>(['crop', 'squash', 'tiles'])('the same as from a file, with %s', async (fit) => {
  const decoder = new SharpDecoder(SIZE, fit);
  expect(await decoder.decode({ bytes: jpeg })).toEqual(await decoder.decode({ path: fileOf(jpeg) }));
});

test('a part of a larger piece of memory, as brokers hand out values, is taken for itself', async () => {
  const whole = new Uint8Array(jpeg.length + 20).fill(0xff);
  whole.set(jpeg, 7);
  const decoder = new SharpDecoder(SIZE, 'squash');
  expect(await decoder.decode({ bytes: whole.subarray(7, 7 + jpeg.length) })).toEqual(await decoder.decode({ bytes: jpeg }));
});

describe('what cannot be decoded', () => {
  test.each([
    ['nothing', Buffer.alloc(0), 'SLUICE_E_IMAGE_EMPTY', 'the image holds no bytes'],
    ['text', Buffer.from('<svg/>'), 'SLUICE_E_IMAGE_FORMAT', 'the first bytes are those of no supported image format'],
    ['more bytes than allowed', Buffer.alloc(jpeg.length + 1), 'SLUICE_E_IMAGE_TOO_LARGE', `the image has ${jpeg.length + 1} bytes, over the limit of ${jpeg.length} bytes`],
  ])('%s', async (_, bytes, code, message) => {
    const decoder = new SharpDecoder(SIZE, 'squash', { ...DEFAULT_LIMITS, bytes: jpeg.length });
    expect(await failureOf(decoder.decode({ bytes }))).toMatchObject({ code, message });
  });

  test('half a picture fails with the cause a file would have', async () => {
    const decoder = new SharpDecoder(SIZE, 'squash');
    const half = truncated(jpeg);
    const [{ code, message }, file] = [await failureOf(decoder.decode({ bytes: half })), await failureOf(decoder.decode({ path: fileOf(half) }))];
    expect([code, message]).toEqual([file.code, file.message]);
    expect(code).toBe('SLUICE_E_IMAGE_CORRUPT');
  });
});

test('bytes in memory wait for their turn by their number, together with files', async () => {
  const run = vi.spyOn(Gate.prototype, 'run');
  const decoder = new SharpDecoder(SIZE, 'squash');
  await decoder.decode({ path: fileOf(jpeg) });
  const [ofFile, gate] = [run.mock.calls[0]?.[0], run.mock.contexts[0]];
  run.mockClear();
  await decoder.decode({ bytes: jpeg });
  const [ofMemory, same] = [run.mock.calls[0]?.[0], run.mock.contexts[0]];
  run.mockRestore();
  expect([ofFile, ofMemory]).toEqual([jpeg.length, jpeg.length]);
  expect(same).toBe(gate);
});

test('a reference is refused where nobody has said how to follow it', async () => {
  const image = { reference: { uri: 'https://images.example.com/a.jpg', sha256: null } };
  expect(await failureOf(new SharpDecoder(SIZE, 'squash').decode(image))).toMatchObject({ code: 'SLUICE_E_REFERENCE_REFUSED', retriable: false });
});
