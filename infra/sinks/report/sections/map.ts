/** The map: an empty stage that the page's script fills from the data beside it. */
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import { count } from '../words.ts';
import { section } from './parts.ts';

export function map({ collected, pictured, mapped }: Context): Html {
  const { decided } = collected;
  if (mapped === 0) return html``;
  const part = mapped < decided ? ` The map shows ${count(mapped)} of ${count(decided)} images.` : '';
  const sample = pictured.size < mapped ? ` Pictures are embedded for ${count(pictured.size)} of them, first those that were kept, are rare or have a doubtful label.` : '';
  return section('map', 'Map of the images', `Each dot is an image; images that look alike lie close together. Places stay fixed as the stream grows.${part}${sample}`, html`
  <div class="card map">
    <div class="tools">
      <label>Colour by <select id="colour-by"></select></label>
      <label class="find">Find <input id="find" type="search" placeholder="part of an id" autocomplete="off" spellcheck="false"></label>
      <label class="check"><input id="pictures" type="checkbox"> Pictures</label>
      <div class="switch zoom" role="group" aria-label="Zoom"><button type="button" data-zoom="in" aria-label="Zoom in">+</button><button type="button" data-zoom="out" aria-label="Zoom out">−</button><button type="button" data-zoom="all">All</button></div>
    </div>
    <div class="legendbar" id="legend" role="group" aria-label="Legend: choose what is shown"></div>
    <div class="stage">
      <div class="canvas"><canvas id="points-canvas" tabindex="0" role="img" aria-label="Map of ${count(mapped)} images. Arrow keys move, plus and minus zoom, N and P go through the images, Enter pins one." aria-describedby="map-help"></canvas><div id="hover" class="hover" hidden></div></div>
      <aside id="pinned" class="pinned" aria-live="polite"><p class="none">Point at a dot to see the image, click to pin it here.</p></aside>
    </div>
    <p id="map-help" class="help"><span>Drag to move, <kbd>Ctrl</kbd> + wheel or a double click to zoom.</span> <span>Keys: <kbd>←↑↓→</kbd> move, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>0</kbd> all, <kbd>N</kbd> <kbd>P</kbd> next and previous image, <kbd>Enter</kbd> pin.</span></p>
  </div>`);
}
