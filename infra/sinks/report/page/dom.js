/** Elements from plain values. Text only ever goes in as text: nothing here parses markup. */

/** `el('p.note', { title: 'x' }, 'text', child)`; false and null children are left out. */
export function el(name, attributes, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== false && value !== null) element.setAttribute(key, String(value));
  }
  element.append(...children.flat().filter((child) => child !== false && child !== null && child !== ''));
  return element;
}

export function number(value, digits = 3) {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return String(Number(value.toPrecision(digits)));
}

/** Milliseconds since 1970 in UTC. */
export function moment(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : `${date.toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}

/** An <img> of an embedded picture, or a note where there is none. */
export function shot(thumbs, seq, size) {
  const base64 = Object.hasOwn(thumbs, seq) ? thumbs[seq] : null;
  if (base64 === null) return el('span.shot.none', null, 'no picture in this file');
  return el('span.shot', null, el('img', { src: `data:image/jpeg;base64,${base64}`, alt: '', decoding: 'async', width: size, height: size }));
}
