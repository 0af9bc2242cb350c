/** Starts what moves on the page. Without it the page still reads, but for the map and the pictures. */
import { readPoints, readThumbs } from './data.js';
import { fillPictures, openOnClick, orderClusters, pageLists } from './gallery.js';
import { startMap } from './map.js';
import { startTips } from './tips.js';

const points = readPoints();
const thumbs = readThumbs();
const map = startMap(points, thumbs);
fillPictures(thumbs);
pageLists();
orderClusters();
openOnClick(points, thumbs);
startTips();

// Links of the sections that lead to the map.
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-show]');
  if (link === null || map === null) return;
  map.show(link.dataset.show, link.dataset.value);
  document.getElementById('map').scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
});
document.documentElement.dataset.ready = 'true';
