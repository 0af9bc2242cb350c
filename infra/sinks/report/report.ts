/** The report of an output folder as one HTML file that needs nothing else: no network, no other file. */
import { dirname, join } from 'node:path';
import type { Reader } from '../../store/types.ts';
import { cardObjects } from './card-objects.ts';
import type { Context } from './context.ts';
import { summaryData, pointsData } from './data.ts';
import { alertsOf, neighboursOf } from './gather.ts';
import { writeFile } from '../output.ts';
import { pageParts } from './page.ts';
import { project } from './projection/project.ts';
import { scriptJson } from './html.ts';
import { placeables } from './placeables.ts';
import { collect } from './tally/collect.ts';
import { choosePictures, wantedPictures } from './thumbnails.ts';

/** A report stays under about 25 MB, so that it can be sent; pictures take what the rest leaves, within limits. */
const FILE_BYTES = 24_000_000;
const MOST_PICTURE_BYTES = 12_000_000;
const LEAST_PICTURE_BYTES = 3_000_000;

export interface ReportOptions {
  /** Where the map's projection is kept, so that places stay the same in later reports; by default projection.json beside the report. Null keeps none. */
  readonly projection?: string | null;
}

/**
 * Reads the decisions once, and each embedding and some thumbnails by seq. The same folder and projection give the same bytes.
 * @param file where the HTML goes; it is replaced whole or not at all
 * @throws SluiceError SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE, and what the reader throws
 */
export async function writeReport(reader: Reader, file: string, options: ReportOptions = {}): Promise<void> {
  const collected = collect(reader);
  const runs = reader.runs();
  const items = placeables(reader, runs, collected);
  const kept = options.projection === undefined ? join(dirname(file), 'projection.json') : options.projection;
  const places = await project(items, runs.at(-1)?.config.model ?? '', kept);
  const points = scriptJson(pointsData(reader.dir, collected, places));
  const neighbours = neighboursOf(reader, collected);
  const alerts = alertsOf(reader);
  const room = Math.max(LEAST_PICTURE_BYTES, Math.min(MOST_PICTURE_BYTES, FILE_BYTES - points.length));
  const pictures = await choosePictures(reader, wantedPictures(collected, neighbours, alerts.shown), room);
  const mapped = places.reduce((n, v) => n + (Number.isNaN(v) ? 0 : 0.5), 0);
  const pictured = new Set(pictures.keys());
  const context: Context = { dir: reader.dir, runs, collected, targets: reader.targets(), campaigns: reader.campaigns(), neighbours, alerts, pictured, mapped };
  const objects = scriptJson(cardObjects(reader, runs, collected, pictured));
  const summary = scriptJson(summaryData(runs, collected));
  writeFile(file, pageParts(context, { summary, points, objects, thumbs: thumbnailParts(pictures) }), 'replace');
}

/** One JSON object, a picture at a time. */
function* thumbnailParts(pictures: ReadonlyMap<number, string>): Generator<string> {
  yield '{';
  let separator = '';
  for (const [seq, base64] of pictures) {
    yield `${separator}"${seq}":"${base64}"`;
    separator = ',\n';
  }
  yield '}';
}
