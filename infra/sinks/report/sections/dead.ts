/** Files that could not be used. */
import { ERRORS, type ErrorCode } from '../../../../schemas/errors.ts';
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import type { DeadGroup } from '../tally/dead.ts';
import { count, counted, plural, shellWord } from '../words.ts';
import { command, section } from './parts.ts';

export function dead({ collected, dir }: Context): Html {
  const { total, groups } = collected.dead;
  if (total === 0) return section('files', 'Files that could not be used', 'None: every file could be read.', html``);
  const hidden = total - groups.reduce((sum, { letters }) => sum + letters.length, 0);
  return section('files', 'Files that could not be used', `${plural(total, 'file or row', 'files or rows')} of the source got no verdict. The stream went on without ${total === 1 ? 'it' : 'them'}.`, html`
  <div class="groups">${groups.map((group, i) => part(group, i === 0))}</div>
  ${hidden > 0 ? html`<p class="rest">${count(hidden)} more are not listed here: ${command(`sluice dead ${shellWord(dir)} --json`)}</p>` : ''}`);
}

function part({ code, count: n, letters }: DeadGroup, open: boolean): Html {
  const known = Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : null;
  const rows = letters.map(({ seq, id, cause }) => html`<tr><td class="num">${count(seq)}</td><td class="id">${id}</td><td>${cause}</td></tr>`);
  const rest = n > letters.length ? html`<p class="rest">The first ${count(letters.length)} of ${count(n)}.</p>` : '';
  return html`<details class="card"${open ? html` open` : ''}><summary><b>${known?.meaning ?? code}</b><span class="num">${counted(`dead:${code}`, n)}</span><code>${code}</code></summary>
  ${known === null ? '' : html`<p class="next">${known.next}</p>`}
  <div class="wide"><table><thead><tr><th scope="col">item</th><th scope="col">id</th><th scope="col">cause</th></tr></thead><tbody>${rows}</tbody></table></div>${rest}</details>`;
}
