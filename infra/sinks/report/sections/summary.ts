/** The top of the page: what happened, in one line, one picture and six figures. */
import { isShort } from '../../../../schemas/target.ts';
import { budgetShare, promised } from '../../promised.ts';
import type { Context } from '../context.ts';
import { html, type Html } from '../html.ts';
import { count, counted, percent, plural } from '../words.ts';
import { flow } from './flow.ts';
import { whatRan } from './runs.ts';

export function summary(context: Context): Html {
  const { collected, runs } = context;
  const { decided, admitted } = collected;
  const headline = decided === 0 ? html`Nothing was decided yet` : html`Kept <em>${count(admitted)}</em> of ${plural(decided, 'image')}`;
  return html`
<section id="overview" class="hero" aria-label="Summary">
  <div class="intro">
    <h1>${headline}</h1>
    <p class="lead">Sluice looks at images as they arrive and decides on the spot, one by one, whether each is worth keeping for ${purposeText(context)}.
    It takes what is new, rare or in short supply, leaves out copies and bad pictures, and keeps to a budget${budgetText(context)}. This page shows what it did and why.</p>
  </div>
  ${flow(collected)}
  <dl class="tiles">${tiles(context)}</dl>
  ${targetsText(context)}
  ${campaignsText(context)}
  ${whatRan(runs)}
</section>`;
}

/** What the policy wants and has not got. */
function targetsText({ targets }: Context): Html | string {
  if (targets.length === 0) return '';
  const short = targets.filter(isShort);
  if (short.length === 0) return html`<p class="targets">All ${plural(targets.length, 'target')} of the policy met.</p>`;
  return html`<p class="targets">Still short of ${plural(short.length, 'target')} of ${count(targets.length)}: ${short.map(({ of, name, have, wanted }, i) => html`${i === 0 ? '' : '; '}${of} <b>${name}</b>, ${count(have)} of ${count(Math.ceil(wanted))} kept`)}.</p>`;
}

/** What was kept of what people asked for on the way. */
function campaignsText({ campaigns }: Context): Html | string {
  if (campaigns.length === 0) return '';
  return html`<p class="targets">Kept for campaigns: ${campaigns.map(({ name, admitted, cap }, i) => html`${i === 0 ? '' : '; '}<b>${name}</b>, ${count(admitted)}${cap === null ? '' : html` of ${count(cap)}`}`)}.</p>`;
}

function purposeText({ runs }: Context): string {
  return runs.at(-1)?.config.purpose === 'validation' ? 'judging a model (a validation set)' : 'training a model';
}

function budgetText({ runs }: Context): string {
  const share = budgetShare(runs);
  const config = runs.at(-1)?.config;
  if (share !== null) return ` of ${percent(share)} of ${config?.per === 'stream' ? 'each' : 'the'} stream`;
  const [n, unit] = config?.budget.split('/') ?? [];
  return n !== undefined && unit !== undefined ? ` of ${n} images ${unit === 'hour' ? 'an' : 'a'} ${unit}${config?.per === 'stream' ? ' for each stream' : ''}` : '';
}

/** What was kept against what was promised. */
function keptText(context: Context): Html {
  const { decided, admitted } = context.collected;
  const share = percent(decided === 0 ? 0 : admitted / decided);
  const budget = budgetShare(context.runs);
  const due = promised(context.runs, context.collected);
  return html`${share}${budget === null ? '' : html` · budget ${percent(budget)}`}${due === null ? '' : html` · ${count(due)} promised`}`;
}

function tile(what: string, n: number, title: string, note: Html | string): Html {
  return html`<div class="tile ${what}"><dt>${title}</dt><dd><strong>${counted(what, n)}</strong><small>${note}</small></dd></div>`;
}

function tiles(context: Context): Html[] {
  const { collected, runs } = context;
  const { decided, admitted, rejected, dead, unspent, classes, labelled } = collected;
  const budget = budgetShare(runs);
  const share = decided === 0 ? 0 : admitted / decided;
  const covered = classes.filter((c) => c.admitted > 0).length;
  const meter = budget === null ? '' : html`<span class="meter" role="img" aria-label="${percent(share)} kept, budget ${percent(budget)}"><i style="width:${(share * 100).toFixed(2)}%"></i><b style="left:${(budget * 100).toFixed(2)}%"></b></span>`;
  return [
    tile('decided', decided, 'Decided', 'every image gets one verdict'),
    tile('admitted', admitted, 'Kept', html`${keptText(context)}${meter}`),
    tile('rejected', rejected, 'Left out', 'each with its reasons'),
    tile('dead', dead.total, 'Unreadable', dead.total === 0 ? 'every file could be read' : 'each with its cause'),
    tile('unspent', unspent, 'Budget unspent', unspent === 0 ? 'all of it was used' : 'nothing worth it came along'),
    labelled === 0
      ? html`<div class="tile"><dt>Classes covered</dt><dd><strong>–</strong><small>no labels were given</small></dd></div>`
      : html`<div class="tile classes"><dt>Classes covered</dt><dd><strong>${counted('classes', covered)}</strong><small>of ${count(classes.length)} seen in labels</small></dd></div>`,
  ];
}
