/** The map and its controls. */
import { briefCard, fullCard } from './card.js';
import { modesOf } from './colours.js';
import { el } from './dom.js';
import { focusOn, refilter, SHOWN } from './filter.js';
import { makeGrid, nearestPoint } from './grid.js';
import { listenKeys } from './keys.js';
import { fillLegend } from './legend.js';
import { pictureAt } from './pictures.js';
import { listenPointer } from './pointer.js';
import { makeStage } from './stage.js';
import { fromX, fromY, makeView, reveal, scaleOf, showAll, toX, toY, zoomAt } from './view.js';

/** How far from a dot the pointer may be, in pixels. */
const REACH = 14;

/** @returns { show(what, value), pin(i) }, or null where the page has no map */
export function startMap(points, thumbs) {
  const canvas = document.getElementById('points-canvas');
  if (canvas === null) return null;
  const modes = modesOf(points);
  const view = makeView(points);
  const state = { points, thumbs, view, mode: modes[0], hidden: new Set(), focus: null, search: '', show: new Uint8Array(points.n), found: 0, pinned: -1, hovered: -1, pictures: true, chosen: [], chosenAt: 0, byGroup: [], imageOf: () => null };
  const grid = makeGrid(points, view.bounds);
  setMode(state, modes[0]);
  refilter(state);
  const redraw = makeStage(canvas, state);
  state.imageOf = imageLoader(thumbs, redraw);

  const hoverBox = document.getElementById('hover');
  const pinnedBox = document.getElementById('pinned');
  const colourBy = document.getElementById('colour-by');
  const legend = document.getElementById('legend');
  const shown = (i) => state.show[i] === SHOWN;
  const find = (px, py) => {
    const pictured = pictureAt(state, px, py);
    return pictured >= 0 ? pictured : nearestPoint(grid, points, fromX(view, px), fromY(view, py), REACH / scaleOf(view), shown);
  };

  function changed() {
    refilter(state);
    fillLegend(legend, state, changed);
    redraw();
  }
  function hover(i) {
    if (i === state.hovered) return;
    state.hovered = i;
    hoverBox.hidden = i < 0;
    canvas.style.cursor = i < 0 ? '' : 'pointer';
    if (i >= 0) {
      hoverBox.replaceChildren(briefCard(points, thumbs, i));
      placeBeside(hoverBox, toX(view, points.place[i * 2]), toY(view, points.place[i * 2 + 1]), view);
    }
    redraw();
  }
  function pin(i) {
    state.pinned = i;
    if (i >= 0) {
      reveal(view, points.place[i * 2], points.place[i * 2 + 1]);
      pinnedBox.replaceChildren(fullCard(points, thumbs, i, pin));
    } else pinnedBox.replaceChildren(el('p.none', null, 'Point at a dot to see the image, click to pin it here.'));
    redraw();
  }
  function walk(step) {
    let i = state.hovered >= 0 ? state.hovered : state.pinned;
    for (let tries = 0; tries < points.n; tries++) {
      i = (i + step + points.n) % points.n;
      if (!shown(i)) continue;
      reveal(view, points.place[i * 2], points.place[i * 2 + 1]);
      hover(i);
      return;
    }
  }
  function colour(mode) {
    setMode(state, mode);
    colourBy.value = mode.key;
    changed();
  }

  for (const { key, title } of modes) colourBy.append(el('option', { value: key }, title));
  colourBy.addEventListener('change', () => colour(modes.find(({ key }) => key === colourBy.value)));
  document.getElementById('find').addEventListener('input', (event) => {
    state.search = event.target.value;
    changed();
  });
  const pictures = document.getElementById('pictures');
  pictures.checked = state.pictures;
  pictures.addEventListener('change', () => {
    state.pictures = pictures.checked;
    redraw();
  });
  for (const button of document.querySelectorAll('[data-zoom]')) {
    button.addEventListener('click', () => {
      if (button.dataset.zoom === 'all') showAll(view);
      else zoomAt(view, button.dataset.zoom === 'in' ? 1.6 : 1 / 1.6, view.width / 2, view.height / 2);
      redraw();
    });
  }
  listenPointer(canvas, view, { redraw, hover: (px, py) => hover(find(px, py)), leave: () => hover(-1), choose: (px, py) => pin(find(px, py)) });
  listenKeys(canvas, view, { redraw, walk, pin: () => pin(state.hovered), escape: () => (hover(-1), pin(-1)) });
  changed();

  return {
    pin,
    show(what, value) {
      state.focus = focusOn(points, what, value);
      state.hidden.clear();
      showAll(view);
      colour(modes.find(({ key }) => key === (what === 'cluster' ? 'verdict' : what)) ?? modes[0]);
    },
  };
}

function setMode(state, mode) {
  state.mode = mode;
  state.hidden.clear();
  const lists = mode.groups.map(() => []);
  mode.groupOf.forEach((g, i) => lists[g].push(i));
  state.byGroup = lists.map((list) => Uint32Array.from(list));
}

/** Beside the dot, on the side where there is room. */
function placeBeside(box, x, y, view) {
  const { offsetWidth: w, offsetHeight: h } = box;
  const left = x + 18 + w < view.width ? x + 18 : x - 18 - w;
  box.style.left = `${Math.max(4, Math.min(view.width - w - 4, left))}px`;
  box.style.top = `${Math.max(4, Math.min(view.height - h - 4, y - h / 2))}px`;
}

/** Pictures for the canvas; null while one is being decoded. */
function imageLoader(thumbs, redraw) {
  const images = new Map();
  return (seq) => {
    let image = images.get(seq);
    if (image === undefined) {
      image = new Image();
      image.addEventListener('load', redraw);
      image.src = `data:image/jpeg;base64,${thumbs[seq]}`;
      images.set(seq, image);
    }
    return image.complete && image.naturalWidth > 0 ? image : null;
  };
}
