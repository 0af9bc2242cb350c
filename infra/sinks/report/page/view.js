/** The window onto the map: map coordinates to pixels and back. */

const CLOSEST = 60;

export function makeView(points) {
  const bounds = boundsOf(points);
  return { bounds, width: 1, height: 1, base: 1, zoom: 1, centerX: bounds.x, centerY: bounds.y };
}

/** The middle and extent of the placed points. */
function boundsOf({ place, n }) {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < n; i++) {
    const x = place[i * 2];
    const y = place[i * 2 + 1];
    if (Number.isNaN(x)) continue;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

export function resizeView(view, width, height) {
  const margin = Math.min(48, width * 0.06);
  view.width = width;
  view.height = height;
  view.base = Math.min((width - 2 * margin) / view.bounds.width, (height - 2 * margin) / view.bounds.height);
}

export const scaleOf = (view) => view.base * view.zoom;
export const toX = (view, x) => (x - view.centerX) * scaleOf(view) + view.width / 2;
export const toY = (view, y) => (y - view.centerY) * scaleOf(view) + view.height / 2;
export const fromX = (view, px) => (px - view.width / 2) / scaleOf(view) + view.centerX;
export const fromY = (view, py) => (py - view.height / 2) / scaleOf(view) + view.centerY;

/** Zooms so that what lies under the pixel stays there. */
export function zoomAt(view, factor, px, py) {
  const x = fromX(view, px);
  const y = fromY(view, py);
  view.zoom = Math.min(CLOSEST, Math.max(0.8, view.zoom * factor));
  view.centerX = x - (px - view.width / 2) / scaleOf(view);
  view.centerY = y - (py - view.height / 2) / scaleOf(view);
}

export function moveBy(view, dx, dy) {
  view.centerX -= dx / scaleOf(view);
  view.centerY -= dy / scaleOf(view);
}

export function showAll(view) {
  view.zoom = 1;
  view.centerX = view.bounds.x;
  view.centerY = view.bounds.y;
}

/** Brings a place into view without changing the zoom, if it is not there yet. */
export function reveal(view, x, y) {
  const px = toX(view, x);
  const py = toY(view, y);
  if (px > 20 && py > 20 && px < view.width - 20 && py < view.height - 20) return;
  view.centerX = x;
  view.centerY = y;
}
