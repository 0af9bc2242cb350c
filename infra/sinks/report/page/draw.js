/** Draws the map: dots group by group, pictures where there is room, then what is pointed at and pinned. */
import { FAINT, SHOWN } from './filter.js';
import { drawPictures, FRAME, pictureAt } from './pictures.js';
import { toX, toY } from './view.js';

export function draw(context, state, colours) {
  const { view } = state;
  context.clearRect(0, 0, view.width, view.height);
  const dots = dotSprites(state, colours);
  drawDots(context, state, dots, FAINT);
  drawDots(context, state, dots, SHOWN);
  if (state.pictures) drawPictures(context, state, colours);
  for (const [i, wide] of [[state.pinned, 3], [state.hovered, 2]]) if (i >= 0) drawRing(context, state, colours, i, wide);
}

/** Many points want small dots; zooming in makes them grow a little. */
function radiusOf({ points, view }) {
  const base = points.n < 400 ? 5 : points.n < 4000 ? 3.6 : points.n < 25000 ? 2.4 : 1.5;
  return base * Math.min(2.2, view.zoom ** 0.3);
}

/** A small picture of a dot for each group: stamping it is many times quicker than a path. */
function dotSprites(state, colours) {
  const ratio = window.devicePixelRatio || 1;
  const make = (colour, radius) => {
    const size = Math.ceil(radius * 2 + 3);
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(size * ratio);
    canvas.height = Math.ceil(size * ratio);
    const context = canvas.getContext('2d');
    context.scale(ratio, ratio);
    context.beginPath();
    context.arc(size / 2, size / 2, radius, 0, Math.PI * 2);
    context.fillStyle = colours[colour];
    context.fill();
    // A thin rim in the colour of the ground keeps neighbours apart.
    context.strokeStyle = colours['--card'];
    context.lineWidth = 0.75;
    context.stroke();
    return { canvas, size };
  };
  const radius = radiusOf(state);
  return {
    full: state.mode.groups.map(({ colour, rank }) => make(colour, rank === 0 ? radius * 0.82 : radius)),
    faint: make('--faint', radius * 0.7),
    order: state.mode.groups.map((_, g) => g).sort((a, b) => state.mode.groups[a].rank - state.mode.groups[b].rank),
  };
}

function drawDots(context, { points, view, show, byGroup }, dots, level) {
  for (const g of dots.order) {
    const { canvas, size } = level === FAINT ? dots.faint : dots.full[g];
    const half = size / 2;
    for (const i of byGroup[g]) {
      if (show[i] !== level) continue;
      const x = toX(view, points.place[i * 2]);
      const y = toY(view, points.place[i * 2 + 1]);
      if (x < -half || y < -half || x > view.width + half || y > view.height + half) continue;
      context.drawImage(canvas, x - half, y - half, size, size);
    }
  }
}

/** Around the dot; around the picture where there is one over it. */
function drawRing(context, state, colours, i, wide) {
  const { points, view } = state;
  const x = toX(view, points.place[i * 2]);
  const y = toY(view, points.place[i * 2 + 1]);
  context.beginPath();
  if (pictureAt(state, x, y) === i) context.rect(x - FRAME / 2, y - FRAME / 2, FRAME, FRAME);
  else context.arc(x, y, radiusOf(state) + 3.5, 0, Math.PI * 2);
  context.lineWidth = wide;
  context.strokeStyle = colours['--ink'];
  context.stroke();
}
