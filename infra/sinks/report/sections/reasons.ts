/** Why: how often each reason was the decisive one. */
import { reasonText } from '../../../../schemas/reasons.ts';
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import { counted, percent } from '../words.ts';
import { bar, section } from './parts.ts';

interface Row {
  readonly code: string;
  readonly n: number;
}

export function reasons({ collected }: Context): Html {
  const { decided, admitted, rejected } = collected;
  if (decided === 0) return html``;
  const entries = [...collected.reasons];
  const kept = entries.map(([code, v]) => ({ code, n: v.admitted })).filter(({ n }) => n > 0);
  const left = entries.map(([code, v]) => ({ code, n: v.decided - v.admitted })).filter(({ n }) => n > 0);
  return section('why', 'Why', 'Each verdict has one decisive reason. Bars are on one scale; choose a reason to see its images on the map.', html`
  <div class="split">
    ${column('Kept because', 'kept', kept, admitted, decided)}
    ${column('Left out because', 'left', left, rejected, decided)}
  </div>`);
}

function column(title: string, kind: string, rows: readonly Row[], total: number, decided: number): Html {
  const items = rows
    .toSorted((a, b) => b.n - a.n || (a.code < b.code ? -1 : 1))
    .map(({ code, n }) => {
      const { label, sentence } = reasonText(code);
      return html`<li><button type="button" data-show="reason" data-value="${code}"><b>${label}</b><span class="num">${counted(`${kind}:${code}`, n)}<small>${percent(n / total)}</small></span>
      ${bar(kind, n / decided)}<span class="say">${sentence}</span></button></li>`;
    });
  return html`<div class="card reasons"><h3>${title}</h3>${rows.length === 0 ? html`<p class="none">None.</p>` : html`<ul>${items}</ul>`}</div>`;
}
