/** How decisions are made, and what to do next. */
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import { shellWord } from '../words.ts';
import { command, section } from './parts.ts';

export function footer({ dir, collected }: Context): Html {
  const folder = shellWord(dir);
  const id = shellWord(collected.points.ids[0] ?? 'ID');
  return section('how', 'How decisions are made', 'In five sentences.', html`
  <div class="split">
    <ol class="card steps">
      <li>A network turns each picture into a vector, so that pictures that look alike lie close together.</li>
      <li>A picture is not eligible if it is a copy of one already kept, too dark, bright, flat or blurred to be of use, or, for a validation set, doubtful in its label.</li>
      <li>Every other picture gets a score: higher the less it resembles what was kept, the rarer its kind is in the stream and the shorter its classes are, lower the more doubtful its label is.</li>
      <li>It is kept if the score reaches a cut that follows the stream so that the budget is met at any time; a reserve of the budget is there first for rare kinds and short classes.</li>
      <li>Each verdict is given once, in order of arrival, never changed afterwards, and stored with the numbers that led to it.</li>
    </ol>
    <div class="card go"><h3>Go on from here</h3>
      <dl>
        <dt>Every number behind one verdict</dt><dd>${command(`sluice explain ${folder} ${id}`)}</dd>
        <dt>What was kept, as a list or a data set</dt><dd>${command(`sluice export ${folder} --to kept.jsonl --format jsonl`)}${command(`sluice export ${folder} --to kept --format coco`)}</dd>
        <dt>All verdicts</dt><dd>${command(`sluice export ${folder} --to all.csv --format csv --verdict all`)}</dd>
        <dt>Bad files, bad annotations and alerts</dt><dd>${command(`sluice dead ${folder} --json`)}${command(`sluice faults ${folder} --json`)}${command(`sluice alerts ${folder} --json`)}</dd>
      </dl>
    </div>
  </div>`);
}
