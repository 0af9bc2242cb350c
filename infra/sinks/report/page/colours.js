/** Ways to colour the map: each puts every point into one of a few groups. */
import { isKept, NO_SUSPICION, NONE } from './data.js';
import { decisiveCode } from './reasons.js';

/** Colours are CSS variables, so that light, dark and print each have their own. */
const HUES = ['--c0', '--c1', '--c2', '--c3', '--c4', '--c5', '--c6', '--c7', '--c8'];
const RAMP = ['--s0', '--s1', '--s2', '--s3', '--s4'];

/**
 * A mode: `key`, `title`, `groups` [{ name, value, colour, n }] and `groupOf`, the group of each point.
 * Groups are drawn in rising order of `rank`, so that what matters lies on top; where they are `ordered`, the ranks also say
 * whose pictures come first.
 */
function mode(key, title, groups, groupOf) {
  for (const g of groupOf) groups[g].n++;
  return { key, title, groups, groupOf, ordered: false };
}

const group = (name, colour, rank, value = name) => ({ name, value, colour, rank, n: 0 });

function byVerdict(points) {
  const groups = [group('left out', '--left-dot', 0), group('kept', '--kept', 1)];
  return { ...mode('verdict', 'Verdict', groups, Uint8Array.from({ length: points.n }, (_, i) => (isKept(points, i) ? 1 : 0))), ordered: true };
}

/** The most frequent values get a colour each, the others share one. @param valueOf -1 for none */
function byValue(points, key, title, valueOf, nameOf, none) {
  const counts = new Map();
  const values = Int32Array.from({ length: points.n }, (_, i) => valueOf(i));
  for (const v of values) if (v >= 0) counts.set(v, (counts.get(v) ?? 0) + 1);
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || a - b).slice(0, HUES.length);
  const groups = ranked.map(([v], i) => group(nameOf(v), HUES[i], 2 + i, String(v)));
  const number = new Map(ranked.map(([v], i) => [v, i]));
  const others = groups.length;
  if (counts.size > HUES.length) groups.push(group(`${counts.size - HUES.length} others`, '--other', 1));
  if (values.includes(-1)) groups.push(group(none, '--none', 0));
  const last = groups.length - 1;
  return mode(key, title, groups, Uint8Array.from(values, (v) => (v < 0 ? last : (number.get(v) ?? others))));
}

function bySuspicion(points) {
  const names = ['0 to 0.2', '0.2 to 0.4', '0.4 to 0.6', '0.6 to 0.8', '0.8 to 1'];
  const groups = [...names.map((name, i) => group(name, RAMP[i], 1 + i)), group('not judged', '--none', 0)];
  const groupOf = Uint8Array.from(points.suspicion, (s) => (s === NO_SUSPICION ? 5 : Math.min(4, Math.floor((s / 254) * 5))));
  return { ...mode('suspicion', 'Doubt of label', groups, groupOf), ordered: true };
}

/** Those modes that tell apart at least something in this run. */
export function modesOf(points) {
  const modes = [
    byVerdict(points),
    byValue(points, 'reason', 'Reason', (i) => points.codes.indexOf(decisiveCode(points, i) ?? ''), (v) => points.texts[points.codes[v]].label, 'no reason'),
    byValue(points, 'cluster', 'Cluster', (i) => points.cluster[i], (v) => `cluster ${v}`, ''),
  ];
  if (points.kinds.length > 0) modes.push(byValue(points, 'kind', 'Label', (i) => (points.kind[i] === NONE ? -1 : points.kind[i]), (v) => points.kinds[v] ?? 'beyond count', 'no label'));
  if (points.streams.length > 1) modes.push(byValue(points, 'stream', 'Stream', (i) => points.stream[i], (v) => points.streams[v] ?? 'beyond count', ''));
  if (points.suspicion.some((s) => s !== NO_SUSPICION)) modes.push(bySuspicion(points));
  return modes;
}
