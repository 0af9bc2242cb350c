/** The data that lies in the page, decoded. Column names are those of infra/sinks/report/data.ts. */

/** Stands for "none" in columns of 16 bits, and in the one of suspicion. */
export const NONE = 65535;
export const NO_SUSPICION = 255;

function jsonOf(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function bufferOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

export function readPoints() {
  const { columns, ...rest } = jsonOf('points');
  const of = (make, name) => new make(bufferOf(columns[name]));
  return {
    ...rest,
    objects: jsonOf('objects'),
    place: of(Float32Array, 'place'),
    seq: of(Uint32Array, 'seq'),
    flags: of(Uint8Array, 'flags'),
    stream: of(Uint16Array, 'stream'),
    kind: of(Uint16Array, 'kind'),
    label: of(Uint16Array, 'label'),
    cluster: of(Uint32Array, 'cluster'),
    suspicion: of(Uint8Array, 'suspicion'),
    time: of(Float64Array, 'time'),
    nearest: of(Int32Array, 'nearest'),
    similarity: of(Float32Array, 'similarity'),
    reasonEnd: of(Uint32Array, 'reasonEnd'),
    reasonCode: of(Uint8Array, 'reasonCode'),
    reasonValue: of(Float32Array, 'reasonValue'),
    reasonThreshold: of(Float32Array, 'reasonThreshold'),
  };
}

/** Base64 JPEGs by seq. */
export function readThumbs() {
  return jsonOf('thumbs');
}

export function isKept(points, i) {
  return (points.flags[i] & 1) === 1;
}

export function isForReview(points, i) {
  return (points.flags[i] & 2) === 2;
}

export function isPlaced(points, i) {
  return !Number.isNaN(points.place[i * 2]);
}

/** Where the reasons of a point begin; they end at reasonEnd[i]. */
export function reasonStart(points, i) {
  return i === 0 ? 0 : points.reasonEnd[i - 1];
}

/** Index of the point with this seq, -1 where the map does not hold it; seqs only rise. */
export function pointAt(points, seq) {
  let low = 0;
  let high = points.n - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (points.seq[middle] === seq) return middle;
    if (points.seq[middle] < seq) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
