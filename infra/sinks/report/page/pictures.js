/** Which pictures the map shows: as many as fit without covering each other; kept ones first, or what the colours are about. */
import { isKept } from './data.js';
import { SHOWN } from './filter.js';
import { scaleOf, toX, toY } from './view.js';

/** Side of a picture in pixels, and the least distance of two of them. */
const PICTURE = 42;
const APART = PICTURE + 5;
/** Side of a ring around a picture. */
export const FRAME = PICTURE + 7;

/** The choice depends on zoom and filter only, not on the part in view: so nothing flickers when the map is moved. */
function choosePictures({ points, view, show, thumbs, mode }) {
  const scale = scaleOf(view);
  const taken = new Map();
  const chosen = [];
  const key = (column, row) => column * 100003 + row;
  const isFree = (x, y, column, row) => {
    for (let c = column - 1; c <= column + 1; c++) {
      for (let r = row - 1; r <= row + 1; r++) {
        const other = taken.get(key(c, r));
        if (other !== undefined && Math.abs(other.x - x) < APART && Math.abs(other.y - y) < APART) return false;
      }
    }
    return true;
  };
  const turnOf = (i) => (mode.ordered ? mode.groups[mode.groupOf[i]].rank : Number(isKept(points, i)));
  for (let turn = mode.ordered ? mode.groups.length : 1; turn >= 0; turn--) {
    for (let i = 0; i < points.n; i++) {
      if (show[i] !== SHOWN || turnOf(i) !== turn || !Object.hasOwn(thumbs, points.seq[i])) continue;
      const x = points.place[i * 2] * scale;
      const y = points.place[i * 2 + 1] * scale;
      const column = Math.floor(x / APART);
      const row = Math.floor(y / APART);
      if (!isFree(x, y, column, row)) continue;
      taken.set(key(column, row), { x, y });
      chosen.push(i);
    }
  }
  return chosen;
}

function chosenPictures(state) {
  const scale = scaleOf(state.view);
  if (state.chosenAt !== scale) {
    state.chosen = choosePictures(state);
    state.chosenAt = scale;
  }
  return state.chosen;
}

/** The point whose picture lies under the pixel, -1 for none. */
export function pictureAt(state, px, py) {
  if (!state.pictures) return -1;
  const { points, view } = state;
  const over = (i) => Math.abs(toX(view, points.place[i * 2]) - px) <= PICTURE / 2 && Math.abs(toY(view, points.place[i * 2 + 1]) - py) <= PICTURE / 2;
  return chosenPictures(state).find(over) ?? -1;
}

export function drawPictures(context, state, colours) {
  const { points, view, mode } = state;
  for (const i of chosenPictures(state)) {
    const x = toX(view, points.place[i * 2]) - PICTURE / 2;
    const y = toY(view, points.place[i * 2 + 1]) - PICTURE / 2;
    if (x < -APART || y < -APART || x > view.width + APART || y > view.height + APART) continue;
    const image = state.imageOf(points.seq[i]);
    if (image === null) continue;
    context.fillStyle = colours[mode.groups[mode.groupOf[i]].colour];
    context.fillRect(x - 2, y - 2, PICTURE + 4, PICTURE + 4);
    const side = Math.min(image.naturalWidth, image.naturalHeight);
    context.drawImage(image, (image.naturalWidth - side) / 2, (image.naturalHeight - side) / 2, side, side, x, y, PICTURE, PICTURE);
  }
}
