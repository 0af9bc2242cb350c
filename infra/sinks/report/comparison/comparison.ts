/** The page of a replay: two selections of one stream side by side, and a random one. One HTML file that needs nothing else, without scripts. */
import { statSync } from 'node:fs';
import { SluiceError } from '../../../../schemas/errors.ts';
import type { Reader } from '../../../store/types.ts';
import { firstLine } from '../../former.ts';
import { writeFile } from '../../output.ts';
import { escape } from '../html.ts';
import { filled, pageFile } from '../template.ts';
import { choosePictures } from '../thumbnails.ts';
import { count } from '../words.ts';
import { classes, figures, notes, pictures, settings, top } from './sections.ts';
import type { ComparisonData } from './types.ts';

/** Of pictures, in base64. */
const ROOM = 6_000_000;
const STYLES = ['base.css', 'charts.css', 'gallery.css', 'comparison.css'];
/** The first line of the template. */
const MARK = '<!doctype html><!-- Written by sluice replay --report; the next one replaces this file. -->';

/**
 * @param file is replaced where an earlier page of this kind stands there
 * @throws SluiceError SLUICE_E_USAGE where anything else stands there, SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE
 */
export async function writeComparison(reader: Reader, data: ComparisonData, file: string): Promise<void> {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() === true && found.size > 0 && firstLine(file) !== MARK) throw new SluiceError('SLUICE_E_USAGE', `${file} is there already and no replay made it; name another place.`);
  const shown = await choosePictures(reader, [...data.gained, ...data.lost].map(({ seq }) => seq), ROOM);
  const main = [top(data), figures(data), settings(data), classes(data), pictures(data, shown), notes(data)].map(({ markup }) => markup).join('\n');
  writeFile(file, filled('comparison.html', { title: [escape(`Sluice replay: ${count(data.gainedCount)} gained, ${count(data.lostCount)} lost`)], style: [STYLES.map(pageFile).join('\n')], main: [main] }));
}
