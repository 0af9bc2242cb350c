/** The one numbering of classes of a YOLO export. */
import { type Fields, listOf } from './coco-parts.ts';

export interface Classes {
  /** By number, without a gap: YOLO trainers want 0 .. n - 1. */
  readonly names: readonly string[];
  numberOf(name: string): number;
}

/** Class names by number as the YOLO source keeps them; null for the header or origin of another source. */
export function readNames(parsed: unknown): ReadonlyMap<number, string> | null {
  const names = typeof parsed === 'object' && parsed !== null && 'names' in parsed ? parsed.names : null;
  if (typeof names !== 'object' || names === null) return null;
  const entries: readonly [string, unknown][] = Object.entries(names);
  // A COCO file may hold anything under that key.
  const all = entries.flatMap(([number, name]) => (typeof name === 'string' ? [[Number(number), name] as const] : []));
  return all.length === entries.length ? new Map(all) : null;
}

/**
 * Numbers of YOLO sources are kept, those of the first source first; then come the categories of COCO sources in their order,
 * then what else is used, by name. Where a YOLO source names no classes, a class is called by its number and keeps that.
 * @param headers of all sources, parsed
 */
export function numberClasses(headers: readonly unknown[], used: ReadonlySet<string>): Classes {
  const byNumber = new Map<number, string>();
  const byName = new Map<string, number>();
  let free = 0;
  const add = (name: string, wanted: number | null): void => {
    while (byNumber.has(free)) free += 1;
    const number = wanted !== null && !byNumber.has(wanted) ? wanted : free;
    byNumber.set(number, name);
    if (!byName.has(name)) byName.set(name, number);
  };
  const yolo = headers.flatMap((header) => readNames(header) ?? []);
  yolo.forEach((names, i) => {
    for (const [number, name] of names) if (i === 0 || !byName.has(name)) add(name, number);
  });
  for (const header of headers) {
    for (const { name } of listOf((header ?? {}) as Fields, 'categories')) if (typeof name === 'string' && !byName.has(name)) add(name, null);
  }
  const nameless = yolo.some((names) => names.size === 0);
  const rest = [...used].filter((name) => !byName.has(name)).sort();
  const numbered = (name: string): boolean => nameless && /^(?:0|[1-9]\d{0,3})$/.test(name);
  for (const name of rest.filter(numbered)) add(name, Number(name));
  for (const name of rest.filter((other) => !numbered(other))) add(name, null);
  const names = Array.from({ length: Math.max(-1, ...byNumber.keys()) + 1 }, (_, number) => byNumber.get(number) ?? String(number));
  return { names, numberOf: (name) => byName.get(name) ?? -1 };
}
