/** The map by keyboard. */
import { moveBy, showAll, zoomAt } from './view.js';

const STEP = 60;

/** @param on { redraw, walk(step), pin(), escape() } */
export function listenKeys(canvas, view, on) {
  const zoom = (factor) => zoomAt(view, factor, view.width / 2, view.height / 2);
  const actions = {
    ArrowLeft: () => moveBy(view, STEP, 0),
    ArrowRight: () => moveBy(view, -STEP, 0),
    ArrowUp: () => moveBy(view, 0, STEP),
    ArrowDown: () => moveBy(view, 0, -STEP),
    '+': () => zoom(1.4),
    '=': () => zoom(1.4),
    '-': () => zoom(1 / 1.4),
    '0': () => showAll(view),
    n: () => on.walk(1),
    p: () => on.walk(-1),
    Enter: on.pin,
    Escape: on.escape,
  };
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (action === undefined) return;
    event.preventDefault();
    action();
    on.redraw();
  });
}
