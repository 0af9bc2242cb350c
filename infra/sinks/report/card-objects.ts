/** The objects that the card of an image lists: of images whose picture is in the file, few of each, so that they take about a megabyte at most. */
import type { ObjectFinding } from '../../../schemas/decision.ts';
import { BOX_FAULTS } from '../../../schemas/reasons.ts';
import type { Reader, RunEntry, StoredDecision } from '../../store/types.ts';
import { fitAt, placeOf, type Place } from './placing.ts';
import { isForReview } from './tally/boxes.ts';
import type { Collected } from './tally/collect.ts';
import { Names } from './tally/names.ts';
import { shortName } from './words.ts';

/** With the 4,000 pictures of a file at most 32,000 objects, each of about 35 bytes. */
export const MOST_OF_IMAGE = 8;

/** What an object brought to the verdict of an image that was kept, by the code of the reason that names it. */
const DECISIVE: Readonly<Record<string, string>> = { object_share: 'rarest kind of object here', class_need: 'class most needed here', class_cover: 'class that was missing' };
/** What can be said of an object. Those that decided come first. */
const MARKS: readonly string[] = [...Object.values(DECISIVE), ...Object.values(BOX_FAULTS), 'for review'];
const CODES: readonly string[] = [...Object.keys(DECISIVE), ...Object.keys(BOX_FAULTS), 'review'];
const DECISIVE_MARKS = Object.keys(DECISIVE).length;

/** Place among the boxes (what was overlooked comes after them), class, place on the thumbnail in thousandths of its side (null: not on it), suspicion, suggested class (-1: none), marks. */
type Row = readonly [index: number, kind: number, place: readonly number[] | null, suspicion: number | null, suggested: number, marks: readonly number[]];

interface CardObjects {
  readonly classes: readonly string[];
  readonly marks: readonly string[];
  /** So many of the marks are decisive. */
  readonly decisive: number;
  /** By seq: how many boxes there are, and those that tell most. */
  readonly of: Readonly<Record<string, { readonly all: number; readonly rows: readonly Row[] }>>;
}

/** Read by page/objects.js. */
export function cardObjects(reader: Reader, runs: readonly RunEntry[], { points, boxes }: Collected, pictured: ReadonlySet<number>): CardObjects {
  const classes = new Names(Number.POSITIVE_INFINITY);
  const of: Record<string, { all: number; rows: Row[] }> = {};
  for (let i = 0; boxes.any && i < points.length; i++) {
    const seq = points.seq.at(i);
    const decision = pictured.has(seq) ? reader.decision(points.ids[i] ?? '') : null;
    if (decision === null || decision.objects.length === 0) continue;
    const fit = fitAt(runs, seq);
    const rows = mostTelling(decision).map(({ object, at, marks }): Row => {
      const place = placeOf(object.bbox, decision.quality, fit);
      const { class: name, suspicion, suggested } = object;
      // Below the mark what leads by a little says nothing.
      const other = suggested === null || suggested === name || !isForReview(object, decision) ? -1 : classes.number(shortName(suggested));
      return [at, classes.number(shortName(name)), place === null ? null : thousandths(place), suspicion === null ? null : Math.round(suspicion * 100) / 100, other, marks];
    });
    of[seq] = { all: decision.objects.length, rows };
  }
  return { classes: classes.list(), marks: MARKS, decisive: DECISIVE_MARKS, of };
}

interface Marked {
  readonly object: ObjectFinding;
  readonly at: number;
  readonly marks: readonly number[];
}

/** Those that decided first, then those with something wrong, then the most suspicious. */
function mostTelling(decision: StoredDecision): readonly Marked[] {
  const rank = ({ marks }: Marked): number => (marks.some((mark) => mark < DECISIVE_MARKS) ? 0 : marks.length > 0 ? 1 : 2);
  return decision.objects
    .map((object, at) => ({ object, at, marks: marksOf(object, decision) }))
    .sort((a, b) => rank(a) - rank(b) || (b.object.suspicion ?? -1) - (a.object.suspicion ?? -1) || a.at - b.at)
    .slice(0, MOST_OF_IMAGE);
}

function marksOf(object: ObjectFinding, decision: StoredDecision): readonly number[] {
  const decided = decision.verdict === 'admit' ? decision.reasons.filter((reason) => reason.object === object.index).map(({ code }) => code) : [];
  const codes = [...decided, ...object.faults, ...(isForReview(object, decision) ? ['review'] : [])];
  return codes.map((code) => CODES.indexOf(code)).filter((mark) => mark >= 0);
}

function thousandths({ left, top, width, height }: Place): readonly number[] {
  return [left, top, width, height].map((part) => Math.round(part * 1000));
}
