/** Boxes that look wrong: by their class, or by themselves. */
import type { BoxFault } from '../../../../schemas/decision.ts';
import { BOX_FAULTS } from '../../../../schemas/reasons.ts';
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import { fitAt, placeOf } from '../placing.ts';
import type { DoubtfulBox, FaultyBoxes } from '../tally/boxes.ts';
import { count, counted, plural, shortName } from '../words.ts';
import { gauge, picture, section, verdictTag } from './parts.ts';

const PAGE = 18;

/** Nothing at all where no objects were looked at: most sources have no boxes. */
export function boxes(context: Context): Html {
  const { boxes: found } = context.collected;
  if (!found.any) return html``;
  const list = found.list();
  const toReview = list.filter((box) => box.review);
  const others = list.filter((box) => !box.review);
  const faulty = [...found.faults].filter(([, { count: n }]) => n > 0);
  return section('boxes', 'Boxes that look wrong', lead(context, faulty), html`
  ${toReview.length > 0 ? html`<ol class="suspects" data-pages="${PAGE}">${cards(toReview, context)}</ol>` : ''}
  ${found.review > toReview.length ? html`<p class="rest">The ${count(toReview.length)} most doubtful are shown.</p>` : ''}
  ${faulty.map(([fault, { count: n, first }]) => more(html`${plural(n, 'box', 'boxes')} ${BOX_FAULTS[fault]}${n > first.length ? html`; the first ${count(first.length)} are shown` : ''}`, first, context))}
  ${others.length > 0 ? more('The next in line, below the mark for review', others, context) : ''}`);
}

function lead({ collected: { boxes: found } }: Context, faulty: readonly (readonly [BoxFault, FaultyBoxes])[]): Html {
  const { looked, review } = found;
  const faults = faulty.map(([fault, { count: n }], i) => html`${i === 0 ? '' : i === faulty.length - 1 ? ' and ' : ', '}${counted(`box:${fault}`, n)}${i === 0 ? (n === 1 ? ' is' : ' are') : ''} ${BOX_FAULTS[fault]}`);
  return html`${counted('objects', looked)} ${looked === 1 ? 'object was' : 'objects were'} looked at one by one: ${counted('objects:review', review)} ${review === 1 ? 'is' : 'are'} marked for review, because their crops look more like another class.${faulty.length === 0 ? '' : html` Of all boxes, ${faults}.`}`;
}

function more(summary: Html | string, list: readonly DoubtfulBox[], context: Context): Html {
  return html`<details><summary>${summary}</summary><ol class="suspects" data-pages="${PAGE}">${cards(list, context)}</ol></details>`;
}

function cards(list: readonly DoubtfulBox[], { runs, pictured }: Context): readonly Html[] {
  return list.map((doubtful, i) => {
    const { object, review, size } = doubtful;
    const { class: name, suspicion, suggested, faults, index } = object;
    const place = placeOf(object.bbox, size, fitAt(runs, doubtful.seq));
    return html`<li class="card suspect"${i >= PAGE ? html` hidden` : ''}>
    ${picture(doubtful, pictured, place)}
    <div class="tell"><p class="given"><small>labelled</small><b>${shortName(name)}</b></p>
    ${suggested === null || suggested === name ? '' : html`<p class="given"><small>looks more like</small><b class="better">${shortName(suggested)}</b></p>`}
    ${suspicion === null ? '' : gauge(suspicion)}
    ${faults.map((fault) => html`<p class="fault">${BOX_FAULTS[fault]}</p>`)}
    ${place === null ? html`<p class="say">nothing of it lies in the part shown</p>` : ''}
    <p class="tags">${verdictTag(doubtful)}${review ? html`<span class="tag warn">review</span>` : ''}</p>
    <p class="id">${doubtful.id} · object ${index}</p></div>
  </li>`;
  });
}
