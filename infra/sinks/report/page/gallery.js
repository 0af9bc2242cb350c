/** Pictures in the sections: filled in, opened on a click, paged and put in order. */
import { fullCard } from './card.js';
import { pointAt } from './data.js';
import { el, number, shot } from './dom.js';

export function fillPictures(thumbs) {
  for (const holder of document.querySelectorAll('[data-thumb]')) {
    const base64 = thumbs[holder.dataset.thumb];
    if (base64 !== undefined) holder.append(el('img', { src: `data:image/jpeg;base64,${base64}`, alt: '', decoding: 'async' }));
  }
}

/** A click on a picture tells everything about it. */
export function openOnClick(points, thumbs) {
  const dialog = document.getElementById('detail');
  const body = document.getElementById('detail-body');
  const show = (i) => body.replaceChildren(fullCard(points, thumbs, i, show));
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-seq]');
    if (button === null) return;
    const seq = Number(button.dataset.seq);
    const i = pointAt(points, seq);
    if (i >= 0) show(i);
    else body.replaceChildren(shot(thumbs, seq, 200), el('p.id', null, button.getAttribute('aria-label')));
    dialog.showModal();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
}

/** Long lists show a page at first and a button for the next. */
export function pageLists() {
  for (const list of document.querySelectorAll('[data-pages]')) {
    const page = Number(list.dataset.pages);
    if (list.children.length <= page) continue;
    const button = el('button.more', { type: 'button' });
    const show = (upTo) => {
      [...list.children].forEach((item, i) => (item.hidden = i >= upTo));
      const left = list.children.length - upTo;
      button.hidden = left <= 0;
      button.textContent = `Show ${number(Math.min(page * 2, left))} more of ${number(left)}`;
      list.dataset.upTo = String(upTo);
    };
    button.addEventListener('click', () => show(Number(list.dataset.upTo) + page * 2));
    list.addEventListener('reordered', () => show(page));
    list.after(button);
    show(page);
  }
}

export function orderClusters() {
  const buttons = [...document.querySelectorAll('[data-order]')];
  const list = document.querySelector('ol.clusters');
  for (const button of buttons) {
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-pressed') === 'true') return;
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      list.append(...[...list.children].reverse());
      list.dispatchEvent(new Event('reordered'));
    });
  }
}
