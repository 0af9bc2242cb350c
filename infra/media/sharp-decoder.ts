/**
 * Decodes untrusted files and bytes with sharp (libvips): formats by magic bytes, limits before memory, a time limit, and one clear cause for each failure.
 */
import { createHash } from 'node:crypto';
import sharp, { type Sharp } from 'sharp';
import type { DecodedImage, Fit, ImageDecoder, ImageInput, RegionsOf } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { bytesOf, cuttingOf, type Cutting } from './crops.ts';
import { decodeFailure, ranOutOfTime } from './failure.ts';
import { formatOf } from './format.ts';
import { Gate, libvips } from './gate.ts';
import { DEFAULT_LIMITS, memoryOf, type DecodeLimits } from './limits.ts';
import { openRegular } from './regular-file.ts';
import { tileWindows } from './tiles.ts';

// Every frame is new: libvips' cache of operations would only hold memory.
sharp.cache(false);
sharp.concurrency(1);
// libvips looks at the bytes itself to choose a loader: whatever `formatOf` lets through by mistake must find none but these.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['Jpeg', 'Png', 'Nsgif', 'Tiff', 'Webp', 'Heif'].map((name) => `VipsForeignLoad${name}`) });

/** Of the process, as memory is: encoded bytes held, or, where they were in memory before, in work. */
const encoded = new Gate(DEFAULT_LIMITS.bytes);

type Turn = <T>(cost: number, work: () => Promise<T>) => Promise<T>;
const NO_CROPS = new Uint8Array();

type Picture = Omit<DecodedImage, 'digest'>;

export class SharpDecoder implements ImageDecoder {
  readonly #size: number;
  readonly #fit: Fit;
  readonly #limits: DecodeLimits;

  /** @param size side of the model's square */
  constructor(size: number, fit: Fit, limits: DecodeLimits = DEFAULT_LIMITS) {
    this.#size = size;
    this.#fit = fit;
    this.#limits = limits;
  }

  async decode(image: ImageInput, regionsOf?: RegionsOf): Promise<DecodedImage> {
    if ('bytes' in image) return await this.#decodeMemory(image.bytes, regionsOf);
    if ('reference' in image) throw new SluiceError('SLUICE_E_REFERENCE_REFUSED', 'the sample refers to an image elsewhere, and no place for such images is configured');
    const file = await openRegular(image.path, this.#limits.bytes);
    try {
      return await encoded.run(file.size, async () => this.#decodeBytes(await file.read(), regionsOf));
    } finally {
      await file.close();
    }
  }

  /** Bytes in memory wait for their turn as files do: however many come at once, no more files are read beside them. */
  async #decodeMemory({ buffer, byteOffset, length }: Uint8Array, regionsOf: RegionsOf | undefined): Promise<DecodedImage> {
    const limit = this.#limits.bytes;
    if (length === 0) throw new SluiceError('SLUICE_E_IMAGE_EMPTY', 'the image holds no bytes');
    if (length > limit) throw new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', `the image has ${length} bytes, over the limit of ${limit} bytes`);
    return await encoded.run(length, () => this.#decodeBytes(Buffer.from(buffer, byteOffset, length), regionsOf));
  }

  async #decodeBytes(bytes: Buffer, regionsOf: RegionsOf | undefined): Promise<DecodedImage> {
    if (formatOf(bytes) === null) throw new SluiceError('SLUICE_E_IMAGE_FORMAT', 'the first bytes are those of no supported image format');
    const picture = await this.#together(bytes, regionsOf);
    return { ...picture, digest: createHash('sha256').update(bytes).digest('hex') };
  }

  /** libvips keeps one list of complaints for all its threads: only one that fails by itself is sure to be told its own cause. */
  async #together(bytes: Buffer, regionsOf: RegionsOf | undefined): Promise<Picture> {
    const start = performance.now();
    try {
      return await this.#picture(bytes, regionsOf, (cost, work) => libvips.run(cost, work));
    } catch (thrown) {
      if (thrown instanceof SluiceError) throw thrown;
      if (ranOutOfTime(thrown) && performance.now() - start >= this.#limits.seconds * 1000) throw decodeFailure(thrown, this.#limits);
    }
    try {
      return await libvips.alone(() => this.#picture(bytes, regionsOf, (_, work) => work()));
    } catch (thrown) {
      throw decodeFailure(thrown, this.#limits);
    }
  }

  async #picture(bytes: Buffer, regionsOf: RegionsOf | undefined, turn: Turn): Promise<Picture> {
    const { width, height, memory } = await turn(1, () => this.#measure(bytes));
    const { pixels, tiles } = await turn(memory, () => this.#square(bytes, width, height));
    const regions = regionsOf?.(width, height) ?? [];
    if (regions.length === 0) return { pixels, tiles, width, height, crops: NO_CROPS };
    // Decoded anew: the square is made from a picture that is made small while it is read, and must be the same with crops or without.
    const cutting = cuttingOf(width, height, regions);
    const crops = await turn(memory + bytesOf(cutting, this.#size), () => this.#crops(bytes, cutting));
    return { pixels, tiles, width, height, crops };
  }

  /** Size after EXIF rotation and the memory to come, from the header alone. */
  async #measure(bytes: Buffer): Promise<{ width: number; height: number; memory: number }> {
    const header = await this.#pipeline(bytes, false).metadata();
    const { width, height } = header.autoOrient;
    const { pixels, memory: most } = this.#limits;
    if (width * height > pixels) throw new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', `the picture is ${width} x ${height} pixels, over the limit of ${pixels} pixels`);
    const memory = memoryOf(header);
    if (memory > most) {
      const mib = (n: number): string => `${Math.ceil(n / 2 ** 20)} MiB`;
      throw new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', `the picture (${width} x ${height} pixels, ${header.format}) would need ${mib(memory)} of memory, over the limit of ${mib(most)}`);
    }
    return { width, height, memory };
  }

  #pipeline(bytes: Buffer, limitInputPixels: number | false): Sharp {
    return sharp(bytes, { failOn: 'error', limitInputPixels, pages: 1, autoOrient: true, sequentialRead: true });
  }

  async #square(bytes: Buffer, width: number, height: number): Promise<{ pixels: Uint8Array; tiles: number }> {
    const size = this.#size;
    const pipeline = this.#pipeline(bytes, this.#limits.pixels).timeout({ seconds: this.#limits.seconds });
    if (this.#fit !== 'tiles') {
      const fit = this.#fit === 'crop' ? 'cover' : 'fill';
      return { pixels: await toRgb(pipeline.resize(size, size, { fit })), tiles: 1 };
    }
    const windows = tileWindows(width, height, size);
    const whole = await toRgb(pipeline.resize(windows.scaledWidth, windows.scaledHeight, { fit: 'fill' }));
    return { pixels: windows.cut(whole), tiles: windows.count };
  }

  async #crops(bytes: Buffer, { width, height, regions }: Cutting): Promise<Uint8Array> {
    const [size, { seconds }] = [this.#size, this.#limits];
    const whole = await toRgb(this.#pipeline(bytes, this.#limits.pixels).timeout({ seconds }).resize(width, height, { fit: 'fill' }));
    const crops = new Uint8Array(regions.length * size * size * 3);
    for (const [i, region] of regions.entries()) {
      const crop = sharp(whole, { raw: { width, height, channels: 3 } }).timeout({ seconds }).extract({ ...region }).resize(size, size, { fit: 'fill' });
      crops.set(await toRgb(crop), i * size * size * 3);
    }
    return crops;
  }
}

/** Eight-bit RGB whatever came in: alpha on white, CMYK, 16 bit and grey converted. */
async function toRgb(image: Sharp): Promise<Uint8Array> {
  const { data, info } = await image.flatten({ background: '#fff' }).toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.channels === 3) return data;
  throw new SluiceError('SLUICE_E_IMAGE_FORMAT', `the picture has ${info.channels} channels after conversion to RGB`);
}
