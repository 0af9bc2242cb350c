/** The canvas: its size, its colours, and drawing once a frame at most. */
import { draw } from './draw.js';
import { resizeView } from './view.js';

const VARIABLES = ['--ink', '--card', '--kept', '--left-dot', '--faint', '--other', '--none', '--c0', '--c1', '--c2', '--c3', '--c4', '--c5', '--c6', '--c7', '--c8', '--s0', '--s1', '--s2', '--s3', '--s4'];

function readColours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(VARIABLES.map((name) => [name, style.getPropertyValue(name).trim()]));
}

/** @returns a function that asks for a new drawing */
export function makeStage(canvas, state) {
  const context = canvas.getContext('2d');
  let colours = readColours();
  let asked = false;
  const now = () => {
    asked = false;
    draw(context, state, colours);
  };
  const redraw = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(now);
  };
  const fit = () => {
    const { clientWidth, clientHeight } = canvas.parentElement;
    if (clientWidth === 0 || clientHeight === 0) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(clientWidth * ratio);
    canvas.height = Math.round(clientHeight * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    resizeView(state.view, clientWidth, clientHeight);
    now();
  };
  const recolour = () => {
    colours = readColours();
    now();
  };
  new ResizeObserver(fit).observe(canvas.parentElement);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour);
  matchMedia('print').addEventListener('change', recolour);
  fit();
  return redraw;
}
