/** Finds the point nearest to a place on the map without looking at all of them. */
import { isPlaced } from './data.js';

/** Points sorted by square cells, about two to a cell. */
export function makeGrid(points, bounds) {
  const side = Math.max(1, Math.ceil(Math.sqrt(points.n / 2)));
  const left = bounds.x - bounds.width / 2;
  const top = bounds.y - bounds.height / 2;
  const step = Math.max(bounds.width, bounds.height) / side;
  const clamp = (v) => Math.min(side - 1, Math.max(0, Math.floor(v)));
  const column = (x) => clamp((x - left) / step);
  const row = (y) => clamp((y - top) / step);
  const starts = new Uint32Array(side * side + 1);
  const cells = new Int32Array(points.n).fill(-1);
  for (let i = 0; i < points.n; i++) {
    if (!isPlaced(points, i)) continue;
    cells[i] = row(points.place[i * 2 + 1]) * side + column(points.place[i * 2]);
    starts[cells[i] + 1]++;
  }
  for (let c = 0; c < side * side; c++) starts[c + 1] += starts[c];
  const order = new Uint32Array(starts[side * side]);
  const next = starts.slice();
  for (let i = 0; i < points.n; i++) if (cells[i] >= 0) order[next[cells[i]]++] = i;
  return { side, starts, order, column, row };
}

/** @param reach the farthest that counts, in map units. @param accept which points count. @returns an index, -1 for none */
export function nearestPoint(grid, points, x, y, reach, accept) {
  let best = -1;
  let bestSquare = reach * reach;
  for (let r = grid.row(y - reach); r <= grid.row(y + reach); r++) {
    for (let c = grid.column(x - reach); c <= grid.column(x + reach); c++) {
      const cell = r * grid.side + c;
      for (let k = grid.starts[cell]; k < grid.starts[cell + 1]; k++) {
        const i = grid.order[k];
        const dx = points.place[i * 2] - x;
        const dy = points.place[i * 2 + 1] - y;
        const square = dx * dx + dy * dy;
        if (square < bestSquare && accept(i)) {
          best = i;
          bestSquare = square;
        }
      }
    }
  }
  return best;
}
