/** Every odd and bad file that the test support can make gives pixels, or exactly one code and a cause that a person understands. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../../../schemas/errors.ts';
import { oddFiles } from '../../../support/images.ts';
import { decodeBytes, failureOf, SIZE } from './pictures.ts';

const BAD: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  'zero-bytes.jpg': ['SLUICE_E_IMAGE_EMPTY', 'the file holds no bytes'],
  'truncated.jpg': ['SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: premature end of JPEG image'],
  'random-bytes.jpg': ['SLUICE_E_IMAGE_FORMAT', 'the first bytes are those of no supported image format'],
  'html-page.jpg': ['SLUICE_E_IMAGE_FORMAT', 'the first bytes are those of no supported image format'],
  'text.jpg': ['SLUICE_E_IMAGE_FORMAT', 'the first bytes are those of no supported image format'],
  'external.svg': ['SLUICE_E_IMAGE_FORMAT', 'the first bytes are those of no supported image format'],
  'bomb.png': ['SLUICE_E_IMAGE_TOO_LARGE', 'the picture is 60000 x 60000 pixels, over the limit of 64000000 pixels'],
  'huge-grey.png': ['SLUICE_E_IMAGE_TOO_LARGE', 'the picture is 20000 x 20000 pixels, over the limit of 64000000 pixels'],
  'broken-header.jpg': ['SLUICE_E_IMAGE_CORRUPT', 'the picture could not be decoded: Empty JPEG image (DNL not supported)'],
};

test.each(await oddFiles())('$name', async ({ name, bytes, outcome }) => {
  const bad = BAD[name];
  expect(outcome).not.toBe(bad === undefined ? 'dead' : 'verdict');
  if (bad !== undefined) {
    const { code, message } = await failureOf(decodeBytes(bytes));
    expect([code, message]).toEqual(bad);
    return;
  }
  const image = await decodeBytes(bytes);
  expect(image).toMatchObject({ width: 128, height: 128, tiles: 1, digest: createHash('sha256').update(bytes).digest('hex') });
  expect(image.pixels.length).toBe(SIZE * SIZE * 3);
  expect(new Set(image.pixels).size).toBeGreaterThan(30);
});
