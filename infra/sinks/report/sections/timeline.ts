/** Kept and left out over time, for the whole and for each stream. */
import { type Axis, axisOf, fillBins, type Histogram, sumHistograms } from '../bins.ts';
import { budgetShare } from '../../promised.ts';
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import type { Verdicts } from '../tally/collect.ts';
import { count, counted, moment, percent } from '../words.ts';
import { section } from './parts.ts';

const MOST_STREAMS = 12;

export function timeline(context: Context): Html {
  const { collected, runs } = context;
  const { series, streams, admitted, decided } = collected;
  if (decided === 0) return html``;
  const axis = axisOf(series);
  const filled = fillBins(series, axis);
  const lead = axis.kind === 'time' ? 'Each bar is a stretch of event time (UTC).' : `Each bar is ${axis.step === 1 ? 'one item' : `a stretch of ${count(axis.step)} items`} of the stream, in order of arrival.`;
  return section('time', 'Kept and left out over time', `${lead}${budgetShare(runs) === null ? '' : ' The line marks the budget.'}`, html`
  <div class="card">
    <p class="legend"><span class="key kept">kept</span><span class="key left">left out</span></p>
    ${chart(filled.all, axis, `${count(admitted)} of ${count(decided)} kept`, budgetShare(runs))}
    ${scale(axis)}
  </div>
  ${streams.size > 1 ? multiples(context, axis, filled.streams) : ''}`);
}

function chart(histogram: Histogram, axis: Axis, label: string, budget: number | null): Html {
  const totals = Array.from(histogram.admitted, (n, bin) => n + (histogram.rejected[bin] ?? 0));
  const most = Math.max(1, ...totals);
  const bars = totals.map((total, bin) => {
    const kept = histogram.admitted[bin] ?? 0;
    const tip = `${binName(axis, bin)}: ${count(kept)} of ${count(total)} kept${total > 0 ? ` (${percent(kept / total)})` : ''}`;
    const mark = budget === null || total === 0 ? '' : html`<u style="bottom:${((budget * total * 100) / most).toFixed(2)}%"></u>`;
    return html`<span data-tip="${tip}"><i class="left" style="height:${(((total - kept) / most) * 100).toFixed(2)}%"></i><i class="kept" style="height:${((kept / most) * 100).toFixed(2)}%"></i>${mark}</span>`;
  });
  return html`<div class="plot"><span class="most">${count(most)}</span><div class="bars" role="img" aria-label="${label}">${bars}</div></div>`;
}

function scale(axis: Axis): Html {
  const marks = [...new Set([0, Math.floor(axis.bins / 2), axis.bins - 1])];
  return html`<p class="scale">${marks.map((bin) => html`<span>${binStart(axis, bin)}</span>`)}</p>`;
}

function binStart({ kind, start, step }: Axis, bin: number): string {
  const at = start + bin * step;
  return kind === 'seq' ? `item ${count(at)}` : moment(at, step >= 86_400_000 ? 'day' : step >= 60_000 ? 'minute' : 'second');
}

function binName(axis: Axis, bin: number): string {
  if (axis.kind === 'time') return `from ${binStart(axis, bin)}`;
  const first = axis.start + bin * axis.step;
  return axis.step === 1 ? `item ${count(first)}` : `items ${count(first)} to ${count(first + axis.step - 1)}`;
}

/** The twelve largest streams, the others in one. */
function multiples({ collected: { streams, series } }: Context, axis: Axis, histograms: readonly Histogram[]): Html {
  const numbers = new Map(series.streams.list().map((name, number) => [name, number]));
  const of = (name: string): Histogram[] => histograms.slice(numbers.get(name) ?? histograms.length, (numbers.get(name) ?? histograms.length) + 1);
  const names = [...streams.keys()];
  const shown = names.length > MOST_STREAMS + 1 ? names.slice(0, MOST_STREAMS) : names;
  const others = names.slice(shown.length);
  const sum = others.reduce<Verdicts>((total, name) => ({ decided: total.decided + (streams.get(name)?.decided ?? 0), admitted: total.admitted + (streams.get(name)?.admitted ?? 0) }), { decided: 0, admitted: 0 });
  return html`<h3>By stream</h3><div class="multiples">
    ${shown.map((name) => multiple(name, streams.get(name) ?? { decided: 0, admitted: 0 }, sumHistograms(of(name), axis.bins), axis, name))}
    ${others.length > 0 ? multiple(`${count(others.length)} other streams`, sum, sumHistograms(others.flatMap(of), axis.bins), axis, null) : ''}
  </div>`;
}

function multiple(title: string, { decided, admitted }: Verdicts, histogram: Histogram, axis: Axis, name: string | null): Html {
  const total = name === null ? count(decided) : counted(`stream:${name}`, decided);
  return html`<figure class="card"><figcaption><b>${title}</b><small>${count(admitted)} of ${total} kept · ${percent(admitted / decided)}</small></figcaption>${chart(histogram, axis, `${title}: ${count(admitted)} of ${count(decided)} kept`, null)}</figure>`;
}
