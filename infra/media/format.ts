/**
 * The image format by its first bytes. Only what is listed here reaches the decoder: SVG, PDF and the like are programs more than pictures.
 */
export function formatOf(bytes: Uint8Array): string | null {
  const found = MAGIC.find(({ at, magic }) => magic.every((byte, i) => bytes[at + i] === byte));
  if (found === undefined) return null;
  if (found.name === 'riff') return ascii(bytes, 8, 12) === 'WEBP' ? 'webp' : null;
  if (found.name === 'ftyp') return isBox(bytes) && HEIF_BRANDS.has(ascii(bytes, 8, 12)) ? 'heif' : null;
  return found.name;
}

const MAGIC: readonly { name: string; at: number; magic: readonly number[] }[] = [
  { name: 'jpeg', at: 0, magic: [0xff, 0xd8, 0xff] },
  { name: 'png', at: 0, magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { name: 'gif', at: 0, magic: [0x47, 0x49, 0x46, 0x38] },
  { name: 'tiff', at: 0, magic: [0x49, 0x49, 0x2a, 0x00] },
  { name: 'tiff', at: 0, magic: [0x4d, 0x4d, 0x00, 0x2a] },
  { name: 'riff', at: 0, magic: [0x52, 0x49, 0x46, 0x46] },
  { name: 'ftyp', at: 4, magic: [0x66, 0x74, 0x79, 0x70] },
];

const HEIF_BRANDS: ReadonlySet<string> = new Set(['avif', 'avis', 'heic', 'heix', 'mif1', 'msf1']);

/** The four bytes before `ftyp` are the length of a small box, and not the start of something else, for instance `<!--`. */
function isBox(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0 && (bytes[2] as number) <= 8;
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
