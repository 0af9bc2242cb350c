/** Numbers, times and names as people read them; the same on every machine, whatever its language and time zone. */
import { html, type Html } from './html.ts';

/** 1234567 as 1,234,567. */
export function count(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** "1 image", "2,000 images". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A share 0..1 with as many digits as it takes to see it. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const p = share * 100;
  if (p === 0) return '0 %';
  if (p < 0.01) return '< 0.01 %';
  if (p < 1) return `${p.toFixed(2)} %`;
  return p >= 99.95 ? `${p.toFixed(0)} %` : `${p.toFixed(1)} %`;
}

/** Three significant digits. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value)) return count(value);
  return Math.abs(value) >= 1000 ? count(value) : String(Number(value.toPrecision(3)));
}

/** Milliseconds since 1970 as `2026-11-23 06:34:10` (UTC); what no calendar holds as it is. */
export function moment(time: number, digits: 'day' | 'minute' | 'second' = 'second'): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  return date.toISOString().replace('T', ' ').slice(0, { day: 10, minute: 16, second: 19 }[digits]);
}

/** A number that a test can find: what it counts, its value, and the figure for the eye. */
export function counted(what: string, n: number): Html {
  return html`<span class="n" data-count="${what}" data-value="${n}">${count(n)}</span>`;
}

/** A word for a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const LONGEST_NAME = 120;

/** The name of a class, cut where it is longer than anybody reads: the page holds names by the hundred. */
export function shortName(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  // Without the first half of a pair that is cut in two.
  return `${name.slice(0, LONGEST_NAME).replace(/[\ud800-\udbff]$/, '')}…`;
}
