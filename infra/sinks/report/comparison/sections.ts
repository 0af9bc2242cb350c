import { html, type Html } from '../html.ts';
import { bar, section } from '../sections/parts.ts';
import { count, counted, plural, shortName } from '../words.ts';
import type { ComparisonData, Shown } from './types.ts';

const CLASSES = 60;

export function top({ dir, decided, both, gainedCount, lostCount }: ComparisonData): Html {
  return html`
<section class="intro" id="overview">
  <h1>${counted('gained', gainedCount)} gained, ${counted('lost', lostCount)} lost</h1>
  <p class="lead">The stream that is on record in <code>${dir}</code> was decided again with other settings, from its embeddings: ${plural(decided, 'image')}, of which ${counted('both', both)} are kept by both. Nothing was changed.</p>
</section>`;
}

export function figures({ figures: rows }: ComparisonData): Html {
  const shown = (value: number, digits: number | null): string => (Number.isNaN(value) ? '–' : digits === null ? count(value) : value.toFixed(digits));
  const body = rows.map(({ name, digits, sides: { recorded, replay, random } }) => html`<tr><th scope="row">${name}</th><td>${shown(recorded, digits)}</td><td><b>${shown(replay, digits)}</b></td><td>${shown(random, digits)}</td></tr>`);
  return section('worth', 'What each choice is worth', 'Random is a draw from the stream as large as what the replay keeps: what chance alone would give.', html`
  <div class="card wide"><table class="figures"><thead><tr><th></th><th scope="col">recorded</th><th scope="col">replay</th><th scope="col">random</th></tr></thead><tbody>${body}</tbody></table></div>`);
}

export function settings({ settings: rows }: ComparisonData): Html {
  if (rows.length === 0) return section('settings', 'Settings', 'The same as on record.', html``);
  const body = rows.map(({ name, recorded, replay }) => html`<tr><th scope="row">${name}</th><td>${recorded}</td><td><b>${replay}</b></td></tr>`);
  return section('settings', 'Settings that differ', 'All others are as they were recorded.', html`
  <div class="card wide"><table class="figures"><thead><tr><th></th><th scope="col">recorded</th><th scope="col">replay</th></tr></thead><tbody>${body}</tbody></table></div>`);
}

export function classes({ classes: rows }: ComparisonData): Html {
  if (rows.length === 0) return html``;
  const most = Math.max(1, ...rows.slice(0, CLASSES).flatMap(({ recorded, replay }) => [recorded, replay]));
  const lead = html`The greatest differences first; grey is the record, <span class="tag kept">blue</span> the replay.`;
  const more = rows.length > CLASSES ? html`<p class="rest">And ${count(rows.length - CLASSES)} more classes; <code>--json</code> has them all.</p>` : '';
  return section('classes', 'Classes', lead, html`<div class="card"><div class="pairs">${rows.slice(0, CLASSES).map((row) => html`<b>${shortName(row.class)}</b>
    <span class="two">${bar('left', row.recorded / most)}${bar('kept', row.replay / most)}</span><small>${count(row.recorded)} → ${count(row.replay)} of ${count(row.stream)}</small>`)}</div>${more}</div>`);
}

export function pictures({ gained, lost, gainedCount, lostCount }: ComparisonData, shown: ReadonlyMap<number, string>): Html {
  return html`${album('gained', 'Only the replay keeps', gainedCount, gained, shown)}${album('lost', 'Only the record kept', lostCount, lost, shown)}`;
}

function album(id: 'gained' | 'lost', title: string, total: number, list: readonly Shown[], shown: ReadonlyMap<number, string>): Html {
  if (list.length === 0) return html``;
  const lead = `${plural(total, 'image')}${total > list.length ? `, ${count(list.length)} of them drawn at random` : ''}.`;
  return section(id, title, lead, html`<div class="album">${list.map((item) => figure(item, shown.get(item.seq), id === 'gained'))}</div>`);
}

function figure({ id }: Shown, jpeg: string | undefined, kept: boolean): Html {
  const inside = jpeg === undefined ? html`<span class="shot none">no picture</span>` : html`<span class="shot"><img alt="" src="data:image/jpeg;base64,${jpeg}"></span>`;
  return html`<figure class="pic ${kept ? 'kept' : 'left'}" title="${id}">${inside}<figcaption>${id}</figcaption></figure>`;
}

export function notes({ notes: list }: ComparisonData): Html {
  if (list.length === 0) return html``;
  return section('notes', 'Notes', 'What a replay cannot do as the record did.', html`<ul class="card">${list.map((note) => html`<li>${note}.</li>`)}</ul>`);
}
