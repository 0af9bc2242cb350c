import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { formatOf } from '../../../../infra/media/format.ts';
import { externalSvg } from '../../../support/images.ts';
import { bands, decodeBytes, failureOf, RED } from './pictures.ts';

const red = bands([RED], 32, 32);
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="red"/></svg>';

test.each([
  ['jpeg', await red.clone().jpeg().toBuffer()],
  ['png', await red.clone().png().toBuffer()],
  ['gif', await red.clone().gif().toBuffer()],
  ['webp', await red.clone().webp().toBuffer()],
  ['tiff', await red.clone().tiff().toBuffer()],
  ['tiff', Buffer.from('MM\0*\0\0\0\x08', 'latin1')],
  ['heif', await red.clone().avif({ effort: 0 }).toBuffer()],
  ['heif', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
])('%s by its first bytes', (format, bytes) => {
  expect(formatOf(bytes)).toBe(format);
});

test('anything else is none, however short', () => {
  for (const text of ['', '\xff', '\xff\xd8', '\x89PNG', 'RIFF', 'RIFF\0\0\0\0WAVE', '\0\0\0\x18ftypisom', '<!--ftypavif-->', '%PDFftypmif1', 'BM', '%PDF-1.7', '<svg', '<!doctype html>', 'II+\0', 'P6\n1 1\n255\n']) {
    expect(formatOf(Buffer.from(text, 'latin1')), `first bytes ${JSON.stringify(text)}`).toBeNull();
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => formatOf(bytes) === null || bytes.length >= 3));
});

describe('programs that call themselves pictures', () => {
  test.each([
    ['an SVG', externalSvg()],
    ['an SVG behind blanks', Buffer.from(`\n  ${SVG}`)],
    ['an SVG that says it is AVIF', Buffer.from(`<!--ftypavif-->${SVG}`)],
    ['an SVG that says it is WebP', Buffer.from(`RIFFaaaaWEBP${SVG}`)],
    ['an SVG that says it is GIF', Buffer.from(`GIF89a${SVG}`)],
    ['a PDF', Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>')],
    ['a PDF that says it is HEIF', Buffer.from('%PDFftypmif1 1.7')],
    ['a portable pixmap that says it is AVIF', Buffer.concat([Buffer.from('P6 #ftypavif\n2 2 255\n'), Buffer.alloc(12, 77)])],
    ['a page', Buffer.from('<html><img src="http://127.0.0.1:9/x.png"></html>')],
    ['a page that says it is HEIF', Buffer.from('<!--ftypheic--><html></html>')],
  ])('%s is none', async (_, bytes) => {
    const { code } = await failureOf(decodeBytes(bytes));
    expect(['SLUICE_E_IMAGE_FORMAT', 'SLUICE_E_IMAGE_CORRUPT']).toContain(code);
  });

  test('libvips itself has no loader left for them', async () => {
    const others = [Buffer.from(SVG), Buffer.from(`<!--ftypavif-->${SVG}`), Buffer.concat([Buffer.from('P6\n2 2\n255\n'), Buffer.alloc(12, 77)])];
    for (const bytes of others) await expect(sharp(bytes).metadata()).rejects.toThrow('unsupported image format');
  });
});
