/** What a source of one format kept of an item, by the key of that format; undefined for an item of another source. */
export function keptBy(key: 'cvat' | 'fiftyone' | 'label_studio' | 'voc' | 'webdataset', origin: string | null): unknown {
  const parsed: unknown = origin === null ? null : JSON.parse(origin);
  return typeof parsed === 'object' && parsed !== null && key in parsed ? (parsed as Record<string, unknown>)[key] : undefined;
}
