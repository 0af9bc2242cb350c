/** Mouse and touch on the map. A plain wheel scrolls the page, as everywhere; with Ctrl it zooms. */
import { moveBy, zoomAt } from './view.js';

const STILL = 4;

/** @param on { redraw, hover(px, py), leave(), choose(px, py) } in pixels of the canvas */
export function listenPointer(canvas, view, on) {
  const down = new Map();
  let travelled = 0;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (down.size === 0) travelled = 0;
    down.set(event.pointerId, at(event));
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    const here = at(event);
    const before = down.get(event.pointerId);
    if (before === undefined) {
      on.hover(here.x, here.y);
      return;
    }
    travelled += Math.hypot(here.x - before.x, here.y - before.y);
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other !== undefined) pinch(view, before, here, other);
    else if (travelled > STILL) moveBy(view, here.x - before.x, here.y - before.y);
    down.set(event.pointerId, here);
    on.leave();
    on.redraw();
  });
  const lift = (event) => {
    const here = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (event.type === 'pointerup' && here !== undefined && travelled <= STILL) on.choose(here.x, here.y);
  };
  canvas.addEventListener('pointerup', lift);
  canvas.addEventListener('pointercancel', lift);
  canvas.addEventListener('pointerleave', on.leave);
  canvas.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { x, y } = at(event);
    zoomAt(view, Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002)), x, y);
    on.redraw();
  }, { passive: false });
  canvas.addEventListener('dblclick', (event) => {
    const { x, y } = at(event);
    zoomAt(view, event.shiftKey ? 0.5 : 2, x, y);
    on.redraw();
  });
}

/** One of two fingers moved: zoom by how their distance changed, move by half its way. */
function pinch(view, before, here, other) {
  const was = Math.hypot(before.x - other.x, before.y - other.y);
  const is = Math.hypot(here.x - other.x, here.y - other.y);
  if (was > 0) zoomAt(view, is / was, (here.x + other.x) / 2, (here.y + other.y) / 2);
  moveBy(view, (here.x - before.x) / 2, (here.y - before.y) / 2);
}
