/** Labels that look wrong. */
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import type { Suspect } from '../tally/suspects.ts';
import { count, figure, plural } from '../words.ts';
import { gauge, picture, section, verdictTag } from './parts.ts';

const PAGE = 18;

export function suspects(context: Context): Html {
  const { labelled, suspects: found, decided } = context.collected;
  if (decided === 0) return html``;
  const list = found.list();
  const toReview = list.filter((s) => s.review);
  const others = list.filter((s) => !s.review);
  if (list.length === 0) {
    return section('labels', 'Labels that look wrong', whyNone(labelled, context.runs.at(-1)?.config.reveal ?? ''), html``);
  }
  const lead = found.review === 0
    ? `None of the ${plural(found.judged, 'label')} judged is doubtful enough for a review.`
    : `${plural(found.review, 'label')} of ${count(found.judged)} judged ${found.review === 1 ? 'is' : 'are'} marked for review${found.review > toReview.length ? `; the ${count(toReview.length)} most doubtful are shown` : ''}. Suspicion runs from 0 to 1 and comes from images that look alike but are called something else.`;
  return section('labels', 'Labels that look wrong', lead, html`
  ${toReview.length > 0 ? html`<ol class="suspects" data-pages="${PAGE}">${toReview.map((s, i) => card(s, i, context))}</ol>` : ''}
  ${others.length > 0 ? html`<details${toReview.length === 0 ? html` open` : ''}><summary>The next in line, below the mark for review</summary><ol class="suspects" data-pages="${PAGE}">${others.map((s, i) => card(s, i, context))}</ol></details>` : ''}`);
}

function whyNone(labelled: number, reveal: string): string {
  if (labelled === 0) return 'No labels were given, so none could be doubted.';
  if (reveal === 'never') return 'Labels were given but not shown to Sluice in this run, so none could be doubted.';
  return 'Labels are judged once enough of them are known; that was not yet the case.';
}

function card(suspect: Suspect, i: number, { neighbours, pictured }: Context): Html {
  const nearest = neighbours.get(suspect.seq);
  const beside = nearest === undefined ? '' : html`<div class="beside">${picture(nearest, pictured)}<p><small>nearest kept, ${figure(nearest.similarity)} alike</small><b>${nearest.label ?? 'no label'}</b></p></div>`;
  return html`<li class="card suspect"${i >= PAGE ? html` hidden` : ''}>
    ${picture(suspect, pictured)}
    <div class="tell"><p class="given"><small>labelled</small><b>${suspect.label}</b></p>
    ${gauge(suspect.suspicion)}
    <p class="tags">${verdictTag(suspect)}${suspect.review ? html`<span class="tag warn">review</span>` : ''}</p>
    ${beside}<p class="id">${suspect.id}</p></div>
  </li>`;
}
