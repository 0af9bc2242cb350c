/** The run log: which configuration was in force from which item on. */
import type { RunConfig, RunEntry } from '../../../store/types.ts';
import { html, type Html } from '../html.ts';
import { count } from '../words.ts';

const ROWS: readonly { readonly key: keyof RunConfig; readonly title: string; readonly note: string }[] = [
  { key: 'source', title: 'Source', note: 'where the images came from' },
  { key: 'budget', title: 'Budget', note: 'the share to keep, or so many per time' },
  { key: 'purpose', title: 'Purpose', note: 'what the images are kept for' },
  { key: 'model', title: 'Model', note: 'turns a picture into numbers that can be compared' },
  { key: 'fit', title: 'Fit', note: 'how a picture meets the square the model sees' },
  { key: 'reveal', title: 'Labels shown', note: 'when Sluice learns the label of an item' },
  { key: 'objects', title: 'Objects', note: 'of an image with boxes: how many are looked at by themselves, at most' },
  { key: 'seed', title: 'Seed', note: 'same stream, policy and seed: same decisions' },
];

/** One line of facts for one configuration, a table with a column for each where there are several. */
export function whatRan(runs: readonly RunEntry[]): Html {
  const [first] = runs;
  if (first === undefined) return html`<p class="runs">The folder holds no run yet.</p>`;
  return html`<div class="runs">${runs.length > 1 ? table(runs) : line(first)}
  ${runs.map(({ seq, config }) => html`<details><summary>Policy in full${runs.length > 1 ? `, from item ${count(seq)}` : ''}</summary><pre>${pretty(config.policy)}</pre></details>`)}</div>`;
}

function line({ config }: RunEntry): Html {
  return html`<dl class="line">${ROWS.map(({ key, title, note }) => html`<div data-tip="${note}"><dt>${title}</dt><dd>${config[key]}</dd></div>`)}</dl>`;
}

function table(runs: readonly RunEntry[]): Html {
  const rows = ROWS.map(({ key, title, note }) => html`<tr><th scope="row">${title}<small>${note}</small></th>${runs.map((run, i) => cell(run, runs[i - 1], key))}</tr>`);
  return html`<p>The configuration changed ${runs.length === 2 ? 'once' : `${count(runs.length - 1)} times`} during the run.</p>
  <div class="wide"><table><thead><tr><th></th>${runs.map(({ seq }) => html`<th scope="col">from item ${count(seq)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function cell({ config }: RunEntry, before: RunEntry | undefined, key: keyof RunConfig): Html {
  const changed = before !== undefined && before.config[key] !== config[key];
  return html`<td${changed ? html` class="changed"` : ''}>${config[key]}</td>`;
}

function pretty(policy: string): string {
  try {
    return JSON.stringify(JSON.parse(policy), null, 2);
  } catch {
    return policy;
  }
}
