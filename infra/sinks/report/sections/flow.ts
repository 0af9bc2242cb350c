/** The picture at the top: one stream comes in and is parted by the sluice. */
import { html, type Html } from '../html.ts';
import type { Collected } from '../tally/collect.ts';
import { count, percent } from '../words.ts';

const BAND = 150;
const ROW = 46;

interface Branch {
  readonly kind: string;
  readonly label: string;
  readonly n: number;
}

const GROUPS: readonly { readonly label: string; readonly codes: readonly string[] }[] = [
  { label: 'not needed now', codes: ['below_cut', 'no_budget'] },
  { label: 'copies of what was kept', codes: ['exact_duplicate', 'near_duplicate'] },
  { label: 'copies of the guarded set', codes: ['guarded'] },
  { label: 'poor pictures', codes: ['too_dark', 'too_bright', 'low_contrast', 'blurred'] },
  { label: 'doubtful labels', codes: ['suspicious_label', 'unaudited'] },
];

function branchesOf({ admitted, rejected, reasons, dead }: Collected): Branch[] {
  const left = GROUPS.map(({ label, codes }) => ({ kind: 'left', label, n: codes.reduce((sum, code) => sum + rejectedFor(reasons, code), 0) }));
  const rest = rejected - left.reduce((sum, { n }) => sum + n, 0);
  const all = [{ kind: 'kept', label: 'kept', n: admitted }, ...left, { kind: 'left', label: 'left out for other reasons', n: rest }, { kind: 'dead', label: 'unreadable', n: dead.total }];
  return all.filter(({ n }) => n > 0);
}

function rejectedFor(reasons: Collected['reasons'], code: string): number {
  const entry = reasons.get(code);
  return entry === undefined ? 0 : entry.decided - entry.admitted;
}

export function flow(collected: Collected): Html {
  const branches = branchesOf(collected);
  const total = collected.decided + collected.dead.total;
  if (total === 0) return html``;
  const rows = branches.map(({ n }) => Math.max(ROW, Math.round((n / total) * BAND) + 10));
  const height = rows.reduce((a, b) => a + b, 0);
  let from = (height - BAND) / 2;
  let top = 0;
  const bands = branches.map(({ kind, n }, i) => {
    const thick = Math.max(1.5, (n / total) * BAND);
    const row = rows[i] ?? ROW;
    const to = top + (row - thick) / 2;
    const path = ribbon(from, to, thick);
    from += (n / total) * BAND;
    top += row;
    return html`<path class="${kind}" d="${path}"/>`;
  });
  const labels = branches.map(({ kind, label, n }, i) => html`<li class="${kind}" style="height:${rows[i] ?? ROW}px"><b>${count(n)}</b><span>${label}<small>${percent(n / total)}</small></span></li>`);
  return html`
<div class="flow" style="height:${height}px">
  <p class="source"><b>${count(total)}</b><span>arrived</span></p>
  <svg viewBox="0 0 100 ${height}" preserveAspectRatio="none" aria-hidden="true">${bands}</svg>
  <ul>${labels}</ul>
</div>`;
}

/** A band of even thickness from the left edge to the right one. */
function ribbon(from: number, to: number, thick: number): string {
  const [a, b, c, d] = [from, to, from + thick, to + thick].map((v) => v.toFixed(1));
  return `M0 ${a}C45 ${a} 50 ${b} 100 ${b}L100 ${d}C50 ${d} 45 ${c} 0 ${c}Z`;
}
