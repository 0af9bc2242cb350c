import { DEFAULT_LIMITS } from '../media/limits.ts';
import { openRegular } from '../media/regular-file.ts';

/** The bytes of an image, for exports that hold them; null where no file is there that could be one. */
export async function imageBytes(uri: string): Promise<Buffer | null> {
  const file = await openRegular(uri, DEFAULT_LIMITS.bytes).catch(() => null);
  if (file === null) return null;
  try {
    return await file.read();
  } finally {
    await file.close();
  }
}
