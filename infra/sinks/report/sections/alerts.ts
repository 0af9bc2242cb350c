/** What Sluice called attention to while it ran. */
import type { Context, RaisedAlert } from '../context.ts';
import { html, type Html } from '../html.ts';
import { count, figure, moment, plural } from '../words.ts';
import { picture, section } from './parts.ts';

const MEANING: Readonly<Record<string, { readonly title: string; readonly sentence: string }>> = {
  novel: { title: 'Something new', sentence: 'A kind of picture that was never seen before has come up several times.' },
  growth: { title: 'Growing fast', sentence: 'A kind of picture is getting more frequent much faster than before.' },
};

export function alerts(context: Context): Html {
  const { total, shown } = context.alerts;
  if (total === 0) return html``;
  const lead = `${plural(total, 'alert')}, newest first${total > shown.length ? `; the latest ${count(shown.length)} are shown` : ''}.`;
  return section('alerts', 'Alerts', lead, html`<ol class="alerts">${shown.map((raised) => card(raised, context))}</ol>`);
}

function card({ alert, exemplars }: RaisedAlert, { pictured }: Context): Html {
  const { kind, cluster, time, seq, support, streams } = alert;
  const known = MEANING[kind] ?? { title: `Health: ${kind.replace(/^health\./, '').replaceAll('_', ' ')}`, sentence: 'A source or the run itself needs a look.' };
  const facts: (Html | '')[] = [
    html`<div><dt>raised at item</dt><dd>${count(seq)}</dd></div>`,
    time === null ? '' : html`<div><dt>time (UTC)</dt><dd>${moment(time)}</dd></div>`,
    cluster === null ? '' : html`<div><dt>cluster</dt><dd><button type="button" class="link" data-show="cluster" data-value="${cluster}">${cluster}</button></dd></div>`,
    html`<div><dt>weight then</dt><dd>${figure(support)}</dd></div>`,
    streams.length === 0 ? '' : html`<div><dt>streams</dt><dd>${streams.slice(0, 8).join(', ')}${streams.length > 8 ? ` and ${count(streams.length - 8)} more` : ''}</dd></div>`,
  ];
  return html`<li class="card alert ${kind.startsWith('health') ? 'health' : 'news'}"><h3>${known.title}</h3><p>${known.sentence}</p><dl class="line">${facts}</dl>
  <div class="strip">${exemplars.map((member) => picture(member, pictured))}</div></li>`;
}
