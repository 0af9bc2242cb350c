/** What an item's source held beyond its label, once that is corrected. */
import { member } from '../infra/json/slices.ts';
import { idOf, listOf, readOrigin } from '../infra/sinks/coco-parts.ts';
import type { Corrections, GivenCorrection } from '../infra/sources/corrections.ts';
import type { Reader } from '../infra/store/types.ts';

/** Whether the categories of the corrections mean in the folder what they mean in their file: only then can its annotations go back as they are spelled. */
export function sameCategories({ categories }: Corrections, reader: Reader): boolean {
  const known = new Map(reader.headers().flatMap(({ header }) => listOf(JSON.parse(header), 'categories').map((category) => [idOf(category), category['name']] as const)));
  return [...categories].every(([id, name]) => known.get(id) === name);
}

/**
 * An image of COCO stays as it was and gets the annotations of the correction, or, where they mean nothing there, none: an export then makes them from the label. The label file of
 * a YOLO item says what is no longer so, and goes.
 * @param spelled whether the annotations may go back as they are spelled
 */
export function originOf(before: string | null, { annotations }: GivenCorrection, spelled: boolean): string | null {
  if (before === null || readOrigin(before) === null) return null;
  return `{"image":${member(before, 'image') ?? '{}'},"annotations":${spelled && annotations !== null ? annotations : 'null'}}`;
}
