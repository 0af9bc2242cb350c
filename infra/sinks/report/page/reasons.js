/** Reasons as lines for people. */
import { el, number } from './dom.js';
import { reasonStart } from './data.js';

export function decisiveCode(points, i) {
  const start = reasonStart(points, i);
  return start < points.reasonEnd[i] ? points.codes[points.reasonCode[start]] : null;
}

/** "0.93 ≥ 0.9": how the value compares with its threshold is seen from the two. */
function comparison(value, threshold) {
  return `${number(value)} ${value < threshold ? '<' : '≥'} ${number(threshold)}`;
}

/** The reasons of a point, the decisive one first and in full. */
export function reasonList(points, i) {
  const lines = [];
  const start = reasonStart(points, i);
  for (let r = start; r < points.reasonEnd[i]; r++) {
    const text = points.texts[points.codes[points.reasonCode[r]]];
    const first = r === start;
    lines.push(
      el(first ? 'li.decisive' : 'li', null,
        el('b', null, text.label),
        el('span.figures', text.measure === '' ? null : { title: text.measure }, comparison(points.reasonValue[r], points.reasonThreshold[r])),
        first && text.sentence !== '' ? el('small', null, text.sentence) : null),
    );
  }
  return el('ul.reasonlist', null, lines);
}
