/** The objects of an image: drawn on its picture and listed. How they lie in the page is said in infra/sinks/report/card-objects.ts. */
import { el, number } from './dom.js';

function objectsOf(points, i) {
  const { classes, marks, decisive, of } = points.objects;
  const entry = Object.hasOwn(of, points.seq[i]) ? of[points.seq[i]] : null;
  if (entry === null) return { all: 0, list: [] };
  const list = entry.rows.map(([index, kind, place, suspicion, suggested, said]) => {
    const why = said.filter((mark) => mark < decisive).map((mark) => marks[mark]);
    const wrong = said.filter((mark) => mark >= decisive).map((mark) => marks[mark]);
    return { index, name: classes[kind], place, suspicion, better: suggested < 0 ? null : classes[suggested], why, wrong, look: why.length > 0 ? 'decisive' : wrong.length > 0 ? 'wrong' : 'plain' };
  });
  return { all: entry.all, list };
}

/** @param picture of the point, on which they are drawn: the first of the list on top */
export function drawnObjects(points, i, picture) {
  for (const { index, place, look } of objectsOf(points, i).list.toReversed()) {
    if (place === null) continue;
    const [left, top, width, height] = place.map((thousandths) => `${thousandths / 10}%`);
    picture.append(el(`i.box.${look}`, { 'data-object': index, style: `left:${left};top:${top};width:${width};height:${height}` }));
  }
  return picture;
}

/** Null where the image has none. */
export function objectList(points, i) {
  const { all, list } = objectsOf(points, i);
  if (list.length === 0) return null;
  const lines = list.map(({ index, name, place, suspicion, better, why, wrong, look }) => {
    const notes = [better === null ? null : `looks more like ${better}`, ...wrong, place === null ? 'not in the part shown' : null].filter((note) => note !== null);
    const line = el(`li.${look}`, null,
      el('small', null, String(index)),
      el('b', null, name),
      el('span.figures', { title: 'suspicion that its class is wrong' }, suspicion === null ? 'not looked at' : suspicion.toFixed(2)),
      why.length === 0 ? null : el('small.why', null, why.join(', ')),
      notes.length === 0 ? null : el('small', null, notes.join(', ')));
    light(line, index);
    return line;
  });
  return el('div.objects', null, el('h4', null, all > list.length ? `${list.length} of ${number(all)} objects, with suspicion` : 'Objects, with suspicion'), el('ul', null, lines));
}

/** Pointing at a line shows which box it is. */
function light(line, index) {
  const turn = (on) => {
    for (const box of line.closest('.full')?.querySelectorAll(`.box[data-object="${index}"]`) ?? []) box.classList.toggle('lit', on);
  };
  line.addEventListener('pointerenter', () => turn(true));
  line.addEventListener('pointerleave', () => turn(false));
}
