/** What is told of one image: in brief beside the pointer, in full when pinned or opened. */
import { isForReview, isKept, NO_SUSPICION, NONE } from './data.js';
import { el, moment, number, shot } from './dom.js';
import { drawnObjects, objectList } from './objects.js';
import { decisiveCode, reasonList } from './reasons.js';

function verdictTag(points, i) {
  return isKept(points, i) ? el('span.tag.kept', null, 'kept') : el('span.tag.left', null, 'left out');
}

export function briefCard(points, thumbs, i) {
  const code = decisiveCode(points, i);
  const text = code === null ? null : points.texts[code];
  return el('div.brief', null,
    shot(thumbs, points.seq[i], 160),
    el('p.id', null, points.ids[i]),
    el('p.tags', null, verdictTag(points, i), isForReview(points, i) ? el('span.tag.warn', null, 'review') : null, text === null ? null : el('span', null, text.label)),
    text === null ? null : el('p.say', null, text.sentence),
    points.label[i] === NONE ? null : el('p.given', null, el('small', null, 'label '), points.labels[points.label[i]]),
  );
}

/** @param go called with the index of another point that was chosen; null where there is no way to go */
export function fullCard(points, thumbs, i, go) {
  const facts = [
    points.label[i] === NONE ? null : ['Label', points.labels[points.label[i]]],
    points.suspicion[i] === NO_SUSPICION ? null : ['Suspicion', number(points.suspicion[i] / 254, 2)],
    ['Cluster', String(points.cluster[i])],
    ['Stream', points.streams[points.stream[i]] ?? 'one of many'],
    Number.isNaN(points.time[i]) ? null : ['Time', moment(points.time[i])],
    ['Item', number(points.seq[i])],
  ].filter((fact) => fact !== null);
  return el('article.full', null,
    el('div.pairing', null, drawnObjects(points, i, shot(thumbs, points.seq[i], 200)), nearestCard(points, thumbs, i, go)),
    el('p.tags', null, verdictTag(points, i), isForReview(points, i) ? el('span.tag.warn', null, 'label to be reviewed') : null),
    el('p.id', null, points.ids[i]),
    reasonList(points, i),
    objectList(points, i),
    el('dl.facts', null, facts.flatMap(([name, value]) => [el('dt', null, name), el('dd', null, value)])),
    el('code.command', null, `sluice explain ${shellWord(points.dir)} ${shellWord(points.ids[i])}`),
  );
}

/** The nearest image that had been kept, side by side: mostly the very reason. */
function nearestCard(points, thumbs, i, go) {
  const j = points.nearest[i];
  const alike = points.similarity[i];
  if (Number.isNaN(alike)) return el('p.nearest.none', null, 'Nothing had been kept before.');
  const line = `nearest kept then: ${number(alike, 2)} alike`;
  if (j < 0) return el('p.nearest.none', null, line);
  const button = el('button.nearest', { type: 'button', title: points.ids[j] }, shot(thumbs, points.seq[j], 100), el('small', null, line));
  button.addEventListener('click', () => go(j));
  return button;
}

function shellWord(text) {
  return /^[\w./:@%+,-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
