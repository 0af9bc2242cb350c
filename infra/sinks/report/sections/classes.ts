/** Which classes came, and how much of each was kept. */
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import { count, percent } from '../words.ts';
import { bar, section } from './parts.ts';

const SHOWN = 24;
const MOST = 400;

export function classes({ collected }: Context): Html {
  const { classes: list, labelled } = collected;
  if (list.length === 0) return html``;
  const missed = list.filter((c) => c.admitted === 0).length;
  const lead = `From rare to common; a bar is the share of the class that was kept. ${count(labelled)} of ${count(collected.decided)} images have a label${missed > 0 ? `; ${missed === 1 ? 'one class has' : `${count(missed)} classes have`} nothing kept` : '; something was kept of every class'}.`;
  const rows = list.slice(0, MOST).map(({ name, seen, admitted }, i) => html`<li${i >= SHOWN ? html` hidden` : ''}><button type="button" data-show="kind" data-value="${name}"><b>${name}</b>
    ${bar('kept', admitted / seen)}<small>${count(admitted)} of ${count(seen)} · ${percent(admitted / seen)}</small></button></li>`);
  const more = list.length > MOST ? html`<p class="rest">And ${count(list.length - MOST)} more common classes, not listed here.</p>` : '';
  return section('classes', 'Classes', lead, html`<div class="card"><ul class="classes" data-pages="${SHOWN}">${rows}</ul>${more}</div>`);
}
