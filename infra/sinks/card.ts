/** README.md of an export that is a folder: what is in it and how it was chosen. The same export has the same card. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Reader, RunConfig } from '../store/types.ts';
import { selected } from './select.ts';
import type { Splits } from './splits.ts';
import type { Selection } from './types.ts';

export const CARD = 'README.md';

/** Its first line: a folder with it may be replaced by the next export of the format. */
export function cardMark(format: string): string {
  return `<!-- Written by sluice export --format ${format}; the next export to this folder replaces all of it. -->`;
}

interface Tally {
  images: number;
  boxes: number;
}

export function writeCard(made: string, format: string, reader: Reader, selection: Selection, splits: Splits, leftOut: readonly string[]): void {
  const classes = new Map<string, Tally>();
  const sets = new Map<string, number>();
  const counts = { images: 0, boxes: 0, without: 0, streams: new Set<string>() };
  for (const decision of selected(reader, selection)) {
    const { label, stream } = decision;
    const boxes = Array.isArray(label) ? label : [];
    counts.images += 1;
    counts.boxes += boxes.length;
    counts.streams.add(stream);
    if (label === null) counts.without += 1;
    const set = splits(decision) ?? 'none';
    sets.set(set, (sets.get(set) ?? 0) + 1);
    for (const { class: name } of boxes) tallyOf(classes, name).boxes += 1;
    for (const name of typeof label === 'string' ? [label] : new Set(boxes.map((box) => box.class))) tallyOf(classes, name).images += 1;
  }
  const { decided, admitted } = reader.totals();
  const text = [
    cardMark(format),
    '# Data set card',
    `${counts.images} images (${selection === 'all' ? 'every verdict' : `verdict ${selection}`}) of ${decided} that were decided, ${admitted} of them admitted. ${counts.boxes} boxes, ${classes.size} classes, ${counts.streams.size} streams; ${counts.without} images without a label.`,
    '## Splits',
    table(['split', 'images'], [...sets].sort(byName).map(([name, images]) => [name, images])),
    '## Classes',
    table(['class', 'images', 'boxes'], [...classes].sort(byName).map(([name, { images, boxes }]) => [name, images, boxes])),
    '## How it was chosen',
    'Chosen by Sluice from the stream, image by image. Same stream, policy and seed: same choice.',
    ...reader.runs().map(({ seq, config }) => `From item ${seq} on:\n\n${table(['setting', 'value'], settings(config))}\n\n\`\`\`json\n${config.policy}\n\`\`\``),
    ...(leftOut.length === 0 ? [] : ['## Not in it', ...leftOut]),
  ];
  writeFileSync(join(made, CARD), `${text.join('\n\n')}\n`, { flag: 'wx' });
}

/** Where the source lies on the machine it was read on is nobody's business: its name is enough. */
function settings(config: RunConfig): (readonly [string, string | number])[] {
  const [kind = '', path = ''] = config.source.split(/:(.*)/s);
  const { budget, per, purpose, seed, model, fit, reveal, objects, validationShare } = config;
  return [['source', `${kind}: ${basename(path)}`], ...Object.entries({ budget, per, purpose, seed, model, fit, reveal, objects, validationShare })];
}

function tallyOf(classes: Map<string, Tally>, name: string): Tally {
  const tally = classes.get(name) ?? { images: 0, boxes: 0 };
  classes.set(name, tally);
  return tally;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.map((cell) => String(cell).replaceAll(/[|\\`<]/g, '\\$&').replaceAll(/\s+/g, ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
