/** Kinds of picture, from rare to dense. */
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import { clustersToShow, type ClusterCount, membersToShow, TOLD } from '../tally/clusters.ts';
import { count, percent, plural } from '../words.ts';
import { bar, picture, section } from './parts.ts';

const PAGE = 18;
const MOST_LABELS = 3;
/** So few images do not need a wide card. */
const SMALL = 2;

export function clusters(context: Context): Html {
  const { clusters: all, decided } = context.collected;
  if (all.length === 0) return html``;
  const shown = clustersToShow(all);
  const cards = shown.map((cluster, i) => card(cluster, i, context));
  const omitted = all.length - shown.length;
  return section('clusters', 'Kinds of picture, from rare to dense', html`Sluice groups pictures that look alike, as they come. It found ${plural(all.length, 'such group')} (clusters) among ${plural(decided, 'image')}.`, html`
  ${bySize(all)}
  <div class="tools"><div class="switch" role="group" aria-label="Order"><button type="button" data-order="rare" aria-pressed="true">Rare first</button><button type="button" data-order="dense" aria-pressed="false">Dense first</button></div>
  <p class="legend"><span class="key kept">kept</span><span class="key left">left out</span></p></div>
  <ol class="clusters" data-pages="${PAGE}">${cards}</ol>
  ${omitted > 0 ? html`<p class="rest">Shown one by one are the ${count(TOLD.rarest)} rarest, the ${count(TOLD.densest)} densest and ${count(TOLD.between)} of those between; ${count(omitted)} more of middling size are in the counts above only.</p>` : ''}`);
}

/** Whether rare kinds were kept more than common ones, at a glance. */
function bySize(all: readonly ClusterCount[]): Html {
  const groups = new Map<number, { clusters: number; seen: number; admitted: number }>();
  for (const { seen, admitted } of all) {
    const size = Math.floor(Math.log2(seen));
    const group = groups.get(size) ?? { clusters: 0, seen: 0, admitted: 0 };
    groups.set(size, { clusters: group.clusters + 1, seen: group.seen + seen, admitted: group.admitted + admitted });
  }
  const rows = [...groups].sort(([a], [b]) => a - b).map(([size, group]) => {
    const low = 2 ** size;
    const name = size === 0 ? 'seen once' : `${count(low)} to ${count(low * 2 - 1)} images`;
    return html`<tr><th scope="row">${name}</th><td>${count(group.clusters)}</td><td>${count(group.seen)}</td><td class="long">${bar('kept', group.admitted / group.seen)}</td><td>${percent(group.admitted / group.seen)}</td></tr>`;
  });
  return html`<div class="card wide sizes"><h3>Rare kinds against dense ones</h3><table><thead><tr><th scope="col">Size of cluster</th><th scope="col">clusters</th><th scope="col">images</th><th scope="col" class="long">share kept</th><th></th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function card(cluster: ClusterCount, i: number, { collected, pictured }: Context): Html {
  const { id, seen, admitted, review } = cluster;
  return html`<li class="card cluster${seen <= SMALL ? ' small' : ''}"${i >= PAGE ? html` hidden` : ''}>
    <div class="row"><h3>Cluster ${id}</h3><button type="button" class="link" data-show="cluster" data-value="${id}">on map</button></div>
    <p class="facts">${seen === 1 ? html`seen once, ${admitted === 1 ? html`<b>kept</b>` : 'left out'}` : html`<b>${count(admitted)}</b> of ${count(seen)} kept${seen <= SMALL ? '' : ` · ${percent(seen / collected.decided)} of the stream`}`}${review > 0 ? html` · <span class="warn">${plural(review, 'doubtful label')}</span>` : ''}</p>
    ${seen > SMALL ? bar('kept', admitted / seen) : ''}
    <p class="mix">${mix(cluster)}</p>
    <div class="strip">${membersToShow(cluster).map((member) => picture(member, pictured))}</div>
  </li>`;
}

function mix({ labels, seen }: ClusterCount): Html {
  if (labels.size === 0) return html`no labels`;
  const ranked = [...labels].filter(([name]) => name !== '').sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const shown = ranked.slice(0, MOST_LABELS);
  const total = [...labels.values()].reduce((a, b) => a + b, 0);
  const rest = total - shown.reduce((sum, [, n]) => sum + n, 0);
  const parts = shown.map(([name, n]) => html`<span>${name} <small>${percent(n / total)}</small></span>`);
  return html`${parts}${rest > 0 ? html`<span>others <small>${percent(rest / total)}</small></span>` : ''}${total < seen ? html`<span class="none">${count(seen - total)} unlabelled</span>` : ''}`;
}
