export type Id = number | string;
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text, or a whole number that JavaScript keeps exactly; null for anything else. */
export function idOf(value: unknown): Id | null {
  return typeof value === 'string' || Number.isSafeInteger(value) ? (value as Id) : null;
}
