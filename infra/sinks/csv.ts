import type { StoredDecision } from '../store/types.ts';
import { inPixels } from './boxes.ts';
import { isoTime } from './jsonl.ts';
import { selected } from './select.ts';
import type { TextFormat } from './types.ts';

/** What a spreadsheet may run as a formula (OWASP, CSV Injection), and our own mark. */
const DANGEROUS = /^[=+\-@\t\r\n']/;

type Cell = string | number | boolean | null;

/** A text that came from outside. A spreadsheet must not take it for a formula. */
interface Foreign {
  readonly text: string;
}

const COLUMNS: Readonly<Record<string, (d: StoredDecision) => Cell | Foreign>> = {
  id: (d) => ({ text: d.id }),
  uri: (d) => ({ text: d.uri }),
  stream: (d) => ({ text: d.stream }),
  time: (d) => isoTime(d.time),
  seq: (d) => d.seq,
  verdict: (d) => d.verdict,
  review: (d) => d.review,
  reason: (d) => d.reasons[0]?.code ?? null,
  reason_value: (d) => d.reasons[0]?.value ?? null,
  reason_threshold: (d) => d.reasons[0]?.threshold ?? null,
  reasons: (d) => d.reasons.map((reason) => reason.code).join(' '),
  score: (d) => d.score,
  novelty: (d) => d.novelty,
  cluster: (d) => d.cluster,
  share: (d) => d.share,
  nearest_id: (d) => (d.nearest === null ? null : { text: d.nearest.id }),
  nearest_similarity: (d) => d.nearest?.similarity ?? null,
  label: labelCell,
  suspicion: (d) => d.suspicion,
  suspicion_now: (d) => d.suspicionNow,
  brightness: (d) => d.quality?.brightness ?? null,
  contrast: (d) => d.quality?.contrast ?? null,
  sharpness: (d) => d.quality?.sharpness ?? null,
  width: (d) => d.quality?.width ?? null,
  height: (d) => d.quality?.height ?? null,
  split: (d) => d.split,
};

const HEADER = line(Object.keys(COLUMNS));

/**
 * Flat columns for spreadsheets, quoted by RFC 4180. A text from outside that begins with = + - @, a tab, a line break or '
 * gets a ' in front: no formula runs, and taking one leading ' away gives every text back. Numbers stay numbers.
 */
export const csv: TextFormat = {
  name: 'csv',
  kind: 'text',
  path: null,
  begins: (first) => `${first}\r\n` === HEADER,
  *text(reader, selection) {
    const columns = Object.values(COLUMNS);
    yield HEADER;
    for (const decision of selected(reader, selection)) yield line(columns.map((column) => cellText(column(decision))));
  },
  lacks: (decision, origin, leftOut) => leftOut.addBeyondBoxes(decision.label, origin),
};

/** A class as it is; boxes as JSON, in pixels. */
function labelCell(d: StoredDecision): Cell | Foreign {
  if (d.label === null) return null;
  return { text: typeof d.label === 'string' ? d.label : JSON.stringify(d.label.map((box) => inPixels(box, d.quality))) };
}

function cellText(cell: Cell | Foreign): string {
  if (cell === null) return '';
  if (typeof cell !== 'object') return String(cell);
  return DANGEROUS.test(cell.text) ? `'${cell.text}` : cell.text;
}

function line(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
