/** Annotations that could not be used. */
import { ERRORS, type ErrorCode } from '../../../../schemas/errors.ts';
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import type { FaultGroup } from '../tally/faults.ts';
import { count, counted, plural, shellWord } from '../words.ts';
import { command, section } from './parts.ts';

/** Nothing at all where every annotation could be used: many sources have none. */
export function faults({ collected, dir }: Context): Html {
  const { total, groups } = collected.faults;
  if (total === 0) return html``;
  return section('annotations', 'Annotations that could not be used', `${plural(total, 'annotation was', 'annotations were')} left out. Their images were decided without them, and exports give them back as they were.`, html`
  <div class="groups">${groups.map((group, i) => part(group, i === 0))}</div>
  <p class="rest">Where they are: ${command(`sluice faults ${shellWord(dir)} --json`)}</p>`);
}

function part({ code, count: n, images, first }: FaultGroup, open: boolean): Html {
  const known = Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : null;
  const rows = first.map(({ seq, id, count: each, causes }) => html`<tr><td class="num">${seq === null ? '' : count(seq)}</td><td class="id">${id ?? 'no image of the source'}</td><td class="num">${count(each)}</td><td>${causes[0] ?? ''}</td></tr>`);
  const rest = images > first.length ? html`<p class="rest">The first ${count(first.length)} of ${count(images)} images.</p>` : '';
  return html`<details class="card"${open ? html` open` : ''}><summary><b>${known?.meaning ?? code}</b><span class="num">${counted(`fault:${code}`, n)}</span><code>${code}</code></summary>
  ${known === null ? '' : html`<p class="next">${known.next}</p>`}
  <div class="wide"><table><thead><tr><th scope="col">item</th><th scope="col">id</th><th scope="col">annotations</th><th scope="col">the first</th></tr></thead><tbody>${rows}</tbody></table></div>${rest}</details>`;
}
