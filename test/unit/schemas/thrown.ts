import { SluiceError } from '../../../schemas/errors.ts';

/** Its code. */
export function codeOf(act: () => unknown): string | null {
  return caught(act)?.code ?? null;
}

export function messageOf(act: () => unknown): string {
  return caught(act)?.message ?? '';
}

/** The SluiceError thrown, null where nothing is; anything else goes on. */
export function caught(act: () => unknown): SluiceError | null {
  try {
    act();
    return null;
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown;
    throw thrown;
  }
}
