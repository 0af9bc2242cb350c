/**
 * Images made by code, for tests and for the demo's bad files: `scene` makes small distinct "photos", fast enough for streams of
 * hundreds of items; the other functions make the files that broken cameras, full disks and strangers send. Same arguments, same bytes.
 */
import { constants, crc32, deflateRawSync, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

// ---------------------------------------------------------------------------------------------------------------- seeded randomness

/** Mulberry32: a uniform draw from [0, 1) at each call; the same sequence for the same 32-bit seed. */
export function prng(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A 32-bit hash of a few integers, as a value in [0, 1): noise that needs no order of calls. */
function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35) ^ Math.imul(c + 0x165667b1, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

// --------------------------------------------------------------------------------------------------------------------------- scenes

/** Value of a pattern at (u, v), in pattern units: 0 background, 1 first colour, 2 second colour. `k` seeds what varies per cell. */
type Pattern = (u: number, v: number, k: number) => number;

const wrap = (x: number): number => x - Math.floor(x);
const PATTERNS = {
  stripes: (u) => (wrap(u) < 0.5 ? 0 : Math.floor(u) % 3 === 0 ? 2 : 1),
  checks: (u, v) => (Math.floor(u) + Math.floor(v)) & 1,
  rings: (u, v) => Math.floor(Math.hypot(u - 2, v - 2) * 2) % 3,
  dots: (u, v, k) => (Math.hypot(wrap(u) - 0.5, wrap(v) - 0.5) < 0.34 ? 1 + Math.round(hash(Math.floor(u), Math.floor(v), k)) : 0),
  bricks: (u, v) => (wrap(v * 2) < 0.14 || wrap(u + Math.floor(v * 2) * 0.5) < 0.08 ? 0 : 1),
  waves: (u, v) => (wrap(v + 0.35 * Math.sin(u * 3)) < 0.5 ? 0 : 1),
  star: (u, v) => {
    const [r, phi] = [Math.hypot(u - 2, v - 2), Math.atan2(v - 2, u - 2)];
    return r < 0.5 ? 2 : r < 1.1 + 0.5 * Math.cos(phi * 5) ? 1 : 0;
  },
  noise: (u, v, k) => hash(Math.floor(u * 8), Math.floor(v * 8), k) * 2,
  house: (u, v) => (v > 3.3 ? 2 : Math.abs(u - 2) < 0.9 && v > 1.9 ? 1 : v > 1 && v < 1.9 && Math.abs(u - 2) < (v - 1) * 1.3 ? 2 : 0),
  cross: (u, v) => (Math.abs(u - 2) < 0.4 || Math.abs(v - 2) < 0.4 ? 1 : Math.max(Math.abs(u - 2), Math.abs(v - 2)) > 1.7 ? 2 : 0),
} as const satisfies Record<string, Pattern>;

export type SceneKind = keyof typeof PATTERNS;
export const SCENE_KINDS = Object.keys(PATTERNS) as readonly SceneKind[];

export interface SceneOptions {
  /** Pixels; 128 x 128 by default. */
  readonly width?: number;
  readonly height?: number;
  /** 0 is the scene itself; any other integer is one near-duplicate of it: moved by up to a pixel, slightly lighter or darker, other grain. */
  readonly jitter?: number;
  readonly quality?: number;
}

/** One synthetic photo as JPEG. Kinds look clearly different; within a kind the seed varies colours, scale, angle and place. */
export async function scene(seed: number, kind: SceneKind, options: SceneOptions = {}): Promise<Buffer> {
  const { width = 128, height = 128, jitter = 0, quality = 85 } = options;
  const draw = prng(seed * 31 + SCENE_KINDS.indexOf(kind) * 7919 + 1);
  const shake = prng(jitter * 2_654_435_761 + seed);
  const wobble = (size: number): number => (jitter === 0 ? 0 : (shake() - 0.5) * 2 * size);
  const turn = draw();
  const colours = [0, 1, 2].map((i) => hue((turn + i / 3 + draw() / 6) % 1, 0.35 + draw() * 0.6, [0.75, 0.35, 0.55][i] ?? 0.5));
  const angle = (draw() - 0.5) * 1.4;
  const scale = (2.8 + draw() * 3.2) / Math.min(width, height);
  const centre = { x: width * (0.4 + draw() * 0.2) + wobble(1), y: height * (0.4 + draw() * 0.2) + wobble(1) };
  const light = 1 + wobble(0.04);
  // Things lying in the picture, the same for a scene and its near-duplicates: without them all scenes of a kind would be near-duplicates.
  const things = Array.from({ length: 2 + Math.floor(draw() * 4) }, () => ({
    x: draw() * width + wobble(1),
    y: draw() * height + wobble(1),
    rx: (0.05 + draw() * 0.16) * width,
    ry: (0.05 + draw() * 0.16) * height,
    round: draw() < 0.5,
    colour: hue(draw(), 0.3 + draw() * 0.6, 0.2 + draw() * 0.6),
  }));
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  const pattern: Pattern = PATTERNS[kind];
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - centre.x, y - centre.y];
      const value = pattern(dx * cos - dy * sin + 2, dx * sin + dy * cos + 2, seed);
      const thing = things.find((t) => {
        const [a, b] = [Math.abs(x - t.x) / t.rx, Math.abs(y - t.y) / t.ry];
        return t.round ? a * a + b * b < 1 : a < 1 && b < 1;
      });
      const from = thing?.colour ?? colours[Math.floor(value)] ?? [0, 0, 0];
      const to = thing?.colour ?? colours[Math.ceil(value)] ?? [0, 0, 0];
      // A soft fall of light and some grain: flat areas would be rejected as empty images, and JPEG would make them alike.
      const shade = light * (1.08 - 0.16 * (y / height)) + (hash(x, y, seed + jitter) - 0.5) * 0.08;
      for (let c = 0; c < 3; c++) {
        const mixed = (from[c] ?? 0) + ((to[c] ?? 0) - (from[c] ?? 0)) * (value % 1);
        pixels[at++] = Math.max(0, Math.min(255, Math.round(mixed * shade)));
      }
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

/** HSL (each 0..1) to RGB (0..255). */
function hue(h: number, s: number, l: number): [number, number, number] {
  const channel = (n: number): number => {
    const k = (n + h * 12) % 12;
    return 255 * (l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

// -------------------------------------------------------------------------------------------------- files that are not images at all

export const zeroBytes = (): Buffer => Buffer.alloc(0);

function randomBytes(seed: number, length = 2048): Buffer {
  const draw = prng(seed);
  return Buffer.from(Uint8Array.from({ length }, () => Math.floor(draw() * 256)));
}

/** What a captive portal or an expired link leaves in place of a picture. */
export const htmlPage = (): Buffer =>
  Buffer.from('<!doctype html>\n<html><head><title>403 Forbidden</title></head>\n<body><h1>Forbidden</h1><p>The link has expired.</p></body></html>\n');

const plainText = (): Buffer => Buffer.from('camera offline, retry in 30 s\n'.repeat(8));

// --------------------------------------------------------------------------------------------------------------------- broken images

/** The first part of a JPEG, as a full disk or a cut upload leaves it: the header is whole, the picture is not. */
export const truncated = (jpeg: Buffer, part = 0.5): Buffer => jpeg.subarray(0, Math.max(4, Math.floor(jpeg.length * part)));

/** A JPEG whose frame header (SOF) claims no rows, no columns and 255 components. */
export function brokenHeader(jpeg: Buffer): Buffer {
  const copy = Buffer.from(jpeg);
  for (let at = 2; at + 9 < copy.length && copy[at] === 0xff; at += 2 + copy.readUInt16BE(at + 2)) {
    const marker = copy[at + 1] ?? 0;
    if (marker < 0xc0 || marker > 0xc2) continue;
    copy.fill(0, at + 5, at + 9);
    copy[at + 9] = 255;
    return copy;
  }
  throw new Error('brokenHeader: no baseline or progressive frame header found');
}

/** A PNG of some hundred bytes that claims `side` x `side` pixels: a decoder that trusts the header asks for gigabytes. */
export function bomb(side = 60_000): Buffer {
  const oneRow = Buffer.alloc(1 + side * 3);
  return png(side, side, 8, 2, deflateSync(oneRow, { level: 9 }));
}

/**
 * A valid greyscale PNG, constant black, of `side` x `side` pixels in about side² / 1000 bytes: 400 kB for 20,000 (400 MB decoded).
 * One block is compressed once and repeated: a full flush ends it on a byte and forgets what came before, so nothing large is held here.
 */
export function hugeGrey(side = 20_000): Buffer {
  const row = side + 1;
  const rows = Math.max(1, Math.floor(1_000_000 / row));
  const flushed = (count: number): Buffer => deflateRawSync(Buffer.alloc(row * count), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  const body = Array.from(
    { length: Math.floor(side / rows) },
    (
      (block) => () =>
        block
    )(flushed(rows)),
  );
  // Adler-32 of n zero bytes: the low half stays 1, the high half counts them.
  const adler = Buffer.alloc(4);
  adler.writeUInt32BE((((row * side) % 65_521) * 65_536 + 1) >>> 0);
  const end = Buffer.from([0x03, 0x00]);
  const rest = side % rows === 0 ? [] : [flushed(side % rows)];
  return png(side, side, 8, 0, Buffer.concat([Buffer.from([0x78, 0xda]), ...body, ...rest, end, adler]));
}

function png(width: number, height: number, depth: number, colour: number, data: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour], 8);
  const chunk = (type: string, body: Buffer): Buffer => {
    const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    crc.writeUInt32BE(crc32(typed));
    return Buffer.concat([length, typed, crc]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

/** An SVG that asks for a local file and a remote one: nothing of it may ever be read or fetched. */
export const externalSvg = (href = 'file:///etc/passwd'): Buffer =>
  Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">' +
      `<image width="64" height="32" xlink:href="${href}"/><image y="32" width="64" height="32" href="http://127.0.0.1:9/pixel.png"/></svg>\n`,
  );

// -------------------------------------------------------------------------------------------------------- odd images, all of them good

/** A whole JPEG with a ZIP behind it; both kinds of reader are content. It is an image. */
function polyglot(jpeg: Buffer): Buffer {
  const [name, body] = [Buffer.from('note.txt'), Buffer.from('a file in an archive behind a picture\n')];
  const entry = Buffer.alloc(26);
  entry.writeUInt16LE(20, 0); // version needed; stored, no flags, no date
  entry.writeUInt32LE(crc32(body), 10);
  entry.writeUInt32LE(body.length, 14);
  entry.writeUInt32LE(body.length, 18);
  entry.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), entry, name, body]);
  const place = Buffer.alloc(14);
  place.writeUInt32LE(jpeg.length, 10);
  const directory = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), entry, place, name]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(jpeg.length + local.length, 12);
  return Buffer.concat([jpeg, local, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

export const cmyk = (image: Buffer): Promise<Buffer> => sharp(image).toColourspace('cmyk').jpeg({ quality: 70 }).toBuffer();
export const grey = (image: Buffer): Promise<Buffer> => sharp(image).toColourspace('b-w').jpeg({ quality: 70 }).toBuffer();
const asPng = (image: Buffer): Promise<Buffer> => sharp(image).png({ compressionLevel: 9 }).toBuffer();
export const sixteenBit = (image: Buffer): Promise<Buffer> => sharp(image).toColourspace('rgb16').png({ compressionLevel: 9 }).toBuffer();

/** The picture stored on its side with the EXIF tag that stands it up again (6: turn by 90° clockwise to show). */
export const exifRotated = (image: Buffer): Promise<Buffer> => sharp(image).rotate(-90).withMetadata({ orientation: 6 }).jpeg({ quality: 70 }).toBuffer();

/** PNG whose edges fade out to nothing. */
export async function alpha(image: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const fade = Buffer.alloc(info.width * info.height);
  for (let at = 0; at < fade.length; at++) {
    const [x, y] = [(at % info.width) / info.width, Math.floor(at / info.width) / info.height];
    fade[at] = Math.round(255 * Math.min(1, 6 * Math.min(x, y, 1 - x, 1 - y)));
  }
  return sharp(data, { raw: info })
    .joinChannel(fade, { raw: { width: info.width, height: info.height, channels: 1 } })
    .png()
    .toBuffer();
}

/** Frames must have one size. */
export const animatedGif = (frames: readonly Buffer[]): Promise<Buffer> =>
  joined(frames)
    .gif({ delay: frames.map(() => 200) })
    .toBuffer();
export const animatedWebp = (frames: readonly Buffer[]): Promise<Buffer> =>
  joined(frames)
    .webp({ delay: frames.map(() => 200) })
    .toBuffer();
const joined = (frames: readonly Buffer[]): Sharp => sharp([...frames], { join: { animated: true } });

// -------------------------------------------------------------------------------------------------------------------- all in a folder

/** `either`: a decoder may take or refuse it; what matters is that memory stays bounded and nothing outside is read. */
type Outcome = 'verdict' | 'dead' | 'either';
export interface OddFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly outcome: Outcome;
}

/** One of each, and what a curating run should make of it. `base(i)` gives the i-th good JPEG to start from; scenes by default. */
export async function oddFiles(base: (i: number) => Promise<Buffer> = (i) => scene(9000 + i, 'dots')): Promise<readonly OddFile[]> {
  const dead = (name: string, bytes: Buffer): OddFile => ({ name, bytes, outcome: 'dead' });
  const good = (name: string, bytes: Buffer): OddFile => ({ name, bytes, outcome: 'verdict' });
  return [
    dead('zero-bytes.jpg', zeroBytes()),
    dead('truncated.jpg', truncated(await base(0))),
    dead('random-bytes.jpg', randomBytes(1)),
    dead('html-page.jpg', htmlPage()),
    dead('text.jpg', plainText()),
    dead('bomb.png', bomb()),
    dead('broken-header.jpg', brokenHeader(await base(1))),
    good('polyglot-zip.jpg', polyglot(await base(2))),
    good('png-inside.jpg', await asPng(await base(3))),
    good('cmyk.jpg', await cmyk(await base(4))),
    good('sixteen-bit.png', await sixteenBit(await base(5))),
    good('grey.jpg', await grey(await base(6))),
    good('alpha.png', await alpha(await base(7))),
    good('exif-rotated.jpg', await exifRotated(await base(8))),
    good('animated.gif', await animatedGif([await base(9), await base(10), await base(11)])),
    good('animated.webp', await animatedWebp([await base(12), await base(13)])),
    { name: 'external.svg', bytes: externalSvg(), outcome: 'either' },
    { name: 'huge-grey.png', bytes: hugeGrey(), outcome: 'either' },
  ];
}
