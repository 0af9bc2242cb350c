import { SluiceError } from '../../schemas/errors.ts';

/** The second is said where no loader wants the bytes: they start like a picture, but the header ends there. */
const HEADER = /Input buffer has corrupt header:|Input buffer contains unsupported image format/;
/** Names of parts of libvips, of no use to a reader. */
const PART = /^(?:VipsJpeg|vipspng|tiff2vips|gifload_buffer|webp|heif): /;
/** Said of every file that is read backwards, damaged or not. */
const NOISE = /: bad seek to \d+$/;
/** Whole files of a kind that this build cannot read. ("DNL not supported" is said of a JPEG without a height.) */
const UNSUPPORTED = /unsupported|(?<!DNL )not supported|not been built in|channel limit/i;

/** Whether libvips gave up for the time it took. */
export function ranOutOfTime(thrown: unknown): boolean {
  return /^timeout:/m.test(textOf(thrown));
}

/** What a failed decode means, from libvips' words. Its last line is the one that made it fail; those before it are warnings. */
export function decodeFailure(thrown: unknown, { pixels, seconds }: { readonly pixels: number; readonly seconds: number }): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  const text = textOf(thrown);
  const options = { cause: thrown };
  if (ranOutOfTime(thrown)) return new SluiceError('SLUICE_E_IMAGE_TIMEOUT', `decoding took more than ${seconds} s`, options);
  if (/pixel limit/i.test(text)) return new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', `the picture has more than ${pixels} pixels`, options);
  const reason = lastLine(text);
  if (UNSUPPORTED.test(reason)) return new SluiceError('SLUICE_E_IMAGE_FORMAT', `this kind of image is not supported: ${reason}`, options);
  const part = HEADER.test(text) ? 'header' : 'data';
  return new SluiceError('SLUICE_E_IMAGE_CORRUPT', `the picture could not be decoded: ${reason === '' ? `its ${part} is damaged` : reason}`, options);
}

function lastLine(text: string): string {
  const lines = text.replace(HEADER, '').replace('Unknown error', '').split('\n');
  const telling = lines.map((line) => line.trim()).filter((line) => line !== '' && !NOISE.test(line));
  return (telling.at(-1) ?? '').replace(PART, '');
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
