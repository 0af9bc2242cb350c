/** Something that was opened and must be closed whatever happens. */
export type Close = () => Promise<void> | void;

/**
 * Runs `work`, then closes what it opened, the last first. All is closed even where a close fails; the first error of all is the one thrown.
 * @param work is given `later`, to be called with each thing's close as soon as it is open
 */
export async function closing<T>(work: (later: (close: Close) => void) => Promise<T>): Promise<T> {
  const closes: Close[] = [];
  const errors: unknown[] = [];
  let result: { readonly value: T } | null = null;
  try {
    result = { value: await work((close) => closes.push(close)) };
  } catch (thrown) {
    errors.push(thrown);
  }
  for (const close of closes.toReversed()) {
    try {
      await close();
    } catch (thrown) {
      errors.push(thrown);
    }
  }
  if (errors.length > 0 || result === null) throw errors[0];
  return result.value;
}
