/** The report folder: quality.md (tables), quality.json (every order) and histograms of the F1 change by class as SVG. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Judged, meanOf, type Measured } from './measure.ts';

const BIN = 5;
const MOST = 40;

/** @param full everything kept, by set */
export function writeReport(folder: string, note: string, full: ReadonlyMap<string, Judged>, measured: readonly Measured[]): string {
  mkdirSync(folder, { recursive: true });
  const parts = [note];
  for (const set of new Set(measured.map((each) => each.set))) {
    const rows = measured.filter((each) => each.set === set);
    parts.push(`## ${set}\n\n${table(full.get(set), rows)}`);
    const everything = full.get(set);
    if (everything === undefined) continue;
    for (const row of rows.filter(({ name }) => name.startsWith('Sluice'))) {
      const file = `${`${set} ${row.budget * 100} ${row.name}`.replaceAll(/[^A-Za-z0-9]+/g, '-')}.svg`;
      const changes = row.orders.flatMap(({ f1 }) => f1.map((value, c) => value - (everything.f1[c] ?? 0)));
      writeFileSync(join(folder, file), histogram(changes, `${set}, ${row.budget * 100} %: ${row.name}`));
      parts.push(`![F1 change by class](${file})`);
    }
  }
  const text = `${parts.join('\n\n')}\n`;
  writeFileSync(join(folder, 'quality.md'), text);
  writeFileSync(join(folder, 'quality.json'), JSON.stringify({ full: Object.fromEntries(full), measured }, null, 1));
  return text;
}

function table(full: Judged | undefined, rows: readonly Measured[]): string {
  const head = '| budget | kept | macro-F1 | ± s.e. | less random | ± s.e. | share |\n|---|---|---|---|---|---|---|';
  const all = full === undefined ? [] : [`| 100 % | everything | ${full.macro.toFixed(1)} | | | | 1 |`];
  return [head, ...all, ...rows.map(line)].join('\n');
}

export function line({ budget, name, orders }: Measured): string {
  const [macro, less, share] = [meanOf(orders.map((each) => each.macro)), meanOf(orders.map((each) => each.lessRandom)), meanOf(orders.map((each) => each.share))];
  return `| ${budget * 100} % | ${name} | ${macro.mean.toFixed(1)} | ${macro.error.toFixed(2)} | ${less.mean.toFixed(2)} | ${less.error.toFixed(2)} | ${share.mean.toFixed(3)} |`;
}

/** Classes by how much their F1 changed, in points. */
export function histogram(changes: readonly number[], title: string): string {
  const bins = Array.from({ length: (2 * MOST) / BIN }, (_, b) => changes.filter((change) => binOf(change) === b).length);
  const top = Math.max(...bins, 1);
  const bars = bins.map((count, b) => {
    const height = (160 * count) / top;
    return `<rect x="${40 + b * 30}" y="${200 - height}" width="27" height="${height}" fill="${b < MOST / BIN ? '#b5533c' : '#3c7a57'}"><title>${count}</title></rect><text x="${40 + b * 30}" y="216">${b * BIN - MOST}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="560" height="250" font-family="sans-serif" font-size="10"><rect width="560" height="250" fill="#fff"/><text x="40" y="20" font-size="13">${title}</text>${bars.join('')}<text x="40" y="236">F1 of a class, points more or less than with everything kept; tallest bar: ${top} of ${changes.length}</text></svg>`;
}

function binOf(change: number): number {
  return Math.min((2 * MOST) / BIN - 1, Math.max(0, Math.floor((change + MOST) / BIN)));
}
