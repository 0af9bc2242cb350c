/**
 * Polygons on their way from one format to another. They are not part of a label: a box stands for each. What a source kept of an item says which box had which, told by its bounds: a box
 * that was corrected since has none any more.
 */
import type { Quality } from '../../schemas/decision.ts';
import type { Box } from '../../schemas/sample.ts';
import { resultsOf } from '../sources/label-studio-task.ts';
import type { Tree } from '../xml/tree.ts';
import { inFractions } from './boxes.ts';
import { type Fields, isFields, readOrigin } from './coco-parts.ts';
import { readNames } from './yolo-classes.ts';

/** Polygons of one object, each [x1, y1, x2, y2, …] in fractions of the picture. */
export type Outline = readonly (readonly number[])[];

/** An object of an origin, in its own unit. */
interface Shape {
  readonly bounds: readonly number[];
  readonly polygons: Outline;
}

export interface Outlines {
  /** One for each box; null where it has none. */
  readonly of: readonly (Outline | null)[];
  /** How many of the origin no box has, and what they are called. */
  readonly lost: number;
  readonly kind: 'polygons' | 'polygons or keypoints';
}

/** @param quality null where nobody has looked how large the picture is: polygons in pixels then have no place in it */
export function outlinesOf(origin: string | null, boxes: readonly Box[], quality: Quality | null): Outlines {
  const { pixels, shapes, kind = 'polygons' } = shapesOf(origin);
  const of: (Outline | null)[] = boxes.map(() => null);
  const [width, height] = pixels ? [quality?.width ?? 0, quality?.height ?? 0] : [1, 1];
  let lost = 0;
  const places = new Map<string, number[]>();
  if (shapes.length > 0) for (const [i, box] of boxes.entries()) if (width > 0 && height > 0) push(places, keyOf(pixels ? box.bbox : inFractions(box, quality).bbox), i);
  for (const { bounds, polygons } of shapes) {
    const at = places.get(keyOf(bounds))?.shift();
    if (at === undefined) lost += polygons.length;
    else of[at] = polygons.map((polygon) => polygon.map((value, i) => value / (i % 2 === 0 ? width : height)));
  }
  return { of, lost, kind };
}

/** Fractions as a reader of the same file makes them have the same digits. */
function keyOf(bounds: readonly number[]): string {
  return bounds.map((side) => side.toFixed(9)).join(' ');
}

function push(places: Map<string, number[]>, key: string, place: number): void {
  const there = places.get(key);
  if (there === undefined) places.set(key, [place]);
  else there.push(place);
}

/** Objects with polygons, in the order of their boxes. */
function shapesOf(origin: string | null): { readonly pixels: boolean; readonly shapes: readonly Shape[]; readonly kind?: Outlines['kind'] } {
  if (origin === null) return { pixels: false, shapes: [] };
  const coco = readOrigin(origin);
  if (coco !== null) return { pixels: true, shapes: (coco.annotations ?? []).flatMap(cocoShape) };
  const parsed: unknown = JSON.parse(origin);
  const fields = isFields(parsed) ? parsed : {};
  if (isFields(fields['cvat'])) return { pixels: true, shapes: ((fields['cvat'] as unknown as Tree).children ?? []).flatMap(cvatShape) };
  if (isFields(fields['label_studio'])) return { pixels: false, shapes: (resultsOf(fields['label_studio']) ?? []).flatMap(regionShapes) };
  if (isFields(fields['fiftyone'])) return { pixels: false, shapes: polylinesOf(fields['fiftyone']).flatMap(polylineShape) };
  if (readNames(parsed) !== null && typeof fields['text'] === 'string') return { pixels: false, shapes: fields['text'].split(/\r\n|\n|\r/).flatMap(yoloShape), kind: 'polygons or keypoints' };
  return { pixels: false, shapes: [] };
}

function cocoShape({ bbox, segmentation }: Fields): readonly Shape[] {
  const polygons = Array.isArray(segmentation) ? segmentation.filter(isPolygon) : [];
  return isNumbers(bbox) && bbox.length === 4 && polygons.length > 0 ? [{ bounds: bbox, polygons }] : [];
}

function cvatShape({ name, attributes = {} }: Tree): readonly Shape[] {
  return name === 'polygon' ? shapeOf([(attributes['points'] ?? '').split(/[;,]/).map(Number)]) : [];
}

/** Once for each class it has. */
function regionShapes({ type, value }: Fields): readonly Shape[] {
  if (type !== 'polygonlabels' || !isFields(value) || !Array.isArray(value['points'])) return [];
  const [shape] = shapeOf([value['points'].flat().map((percent) => Number(percent) / 100)]);
  return shape === undefined ? [] : listed(value['polygonlabels']).map(() => shape);
}

function polylinesOf(sample: Fields): readonly Fields[] {
  return Object.values(sample).flatMap((value) => (isFields(value) && value['_cls'] === 'Polylines' ? listOf(value['polylines']) : []));
}

function polylineShape({ points }: Fields): readonly Shape[] {
  return Array.isArray(points) ? shapeOf(points.map((shape: unknown) => (Array.isArray(shape) ? shape.flat().map(Number) : []))) : [];
}

/** More numbers than a box has. Those of a pose do not lie round its box: no box has their bounds. */
function yoloShape(line: string): readonly Shape[] {
  const [, ...numbers] = line.trim().split(/\s+/).map(Number);
  return numbers.length > 4 ? [{ bounds: boundsOf([numbers]), polygons: [numbers] }] : [];
}

function shapeOf(polygons: Outline): readonly Shape[] {
  return polygons.length > 0 && polygons.every(isPolygon) ? [{ bounds: boundsOf(polygons), polygons }] : [];
}

function boundsOf(polygons: Outline): readonly number[] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const polygon of polygons) {
    for (const [i, value] of polygon.entries()) {
      if (i % 2 === 0) [left, right] = [Math.min(left, value), Math.max(right, value)];
      else [top, bottom] = [Math.min(top, value), Math.max(bottom, value)];
    }
  }
  return [left, top, right - left, bottom - top];
}

/**
 * One polygon for all of an object: parts are joined by a line that is drawn there and back, which encloses nothing.
 * @returns the polygon itself where there is one
 */
export function asOne([first = [], ...others]: Outline): readonly number[] {
  const [x = 0, y = 0] = first;
  return others.length === 0 ? first : [...first, x, y, ...others.flatMap((part) => [...part, ...part.slice(0, 2), x, y])];
}

/** Area in the unit of the points, squared (the shoelace formula); parts add up. */
export function areaOf(outline: Outline): number {
  return outline.reduce((sum, polygon) => sum + Math.abs(twiceArea(polygon)) / 2, 0);
}

function twiceArea(polygon: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < polygon.length; i += 2) {
    const next = (i + 2) % polygon.length;
    sum += (polygon[i] as number) * (polygon[next + 1] as number) - (polygon[next] as number) * (polygon[i + 1] as number);
  }
  return sum;
}

function isPolygon(value: unknown): value is readonly number[] {
  return isNumbers(value) && value.length >= 6 && value.length % 2 === 0;
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => Number.isFinite(each));
}

function listOf(value: unknown): readonly Fields[] {
  return listed(value).filter(isFields);
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
