/** Which points are shown: the legend hides groups, a focus or a search leaves the others faint. */
import { isPlaced, NONE } from './data.js';
import { decisiveCode } from './reasons.js';

export const HIDDEN = 0;
export const FAINT = 1;
export const SHOWN = 2;

/** What a link of the page asks for, as a test of points; null where the map knows no such thing. */
export function focusOn(points, what, value) {
  if (what === 'cluster') return { title: `cluster ${value}`, test: (i) => String(points.cluster[i]) === value };
  if (what === 'reason') return { title: points.texts[value]?.label ?? value, test: (i) => decisiveCode(points, i) === value };
  if (what === 'kind') {
    const kind = points.kinds.indexOf(value);
    return { title: value, test: (i) => kind >= 0 && points.kind[i] === kind && kind !== NONE };
  }
  return null;
}

/** Sets `state.show` for every point, and `state.found`, how many are shown in full. */
export function refilter(state) {
  const { points, mode, hidden, focus, search } = state;
  const text = search.trim().toLowerCase();
  state.found = 0;
  state.chosenAt = 0;
  for (let i = 0; i < points.n; i++) {
    if (!isPlaced(points, i) || hidden.has(mode.groupOf[i])) {
      state.show[i] = HIDDEN;
      continue;
    }
    const meant = (focus === null || focus.test(i)) && (text === '' || points.ids[i].toLowerCase().includes(text));
    state.show[i] = meant ? SHOWN : FAINT;
    if (meant) state.found++;
  }
}
