/** Pieces that several sections use. */
import { html, type Html } from '../html.ts';
import type { Place } from '../placing.ts';
import type { Member } from '../tally/clusters.ts';

/** A picture that the page fills in from the embedded ones; a click tells more of it. @param box drawn on it */
export function picture(member: Member, pictured: ReadonlySet<number>, box: Place | null = null): Html {
  const verdict = member.admitted ? 'kept' : 'left out';
  const inside = pictured.has(member.seq) ? html`<span class="shot" data-thumb="${member.seq}">${box === null ? '' : html`<i class="box" style="${placed(box)}"></i>`}</span>` : html`<span class="shot none">no picture</span>`;
  return html`<button type="button" class="pic ${member.admitted ? 'kept' : 'left'}" data-seq="${member.seq}" data-tip="${member.id} · ${verdict}" aria-label="${member.id}, ${verdict}">${inside}</button>`;
}

/** For style attributes. */
function placed(place: Place): string {
  const part = (value: number): string => `${(value * 100).toFixed(1)}%`;
  return `left:${part(place.left)};top:${part(place.top)};width:${part(place.width)};height:${part(place.height)}`;
}

/** A section with its heading; `lead` is one or two sentences that say how to read it. */
export function section(id: string, title: string, lead: Html | string, body: Html): Html {
  return html`
<section id="${id}" aria-labelledby="${id}-title">
  <div class="head"><h2 id="${id}-title">${title}</h2><p>${lead}</p></div>
  ${body}
</section>`;
}

/** A bar whose length is a share 0..1 of its row. */
export function bar(kind: string, share: number): Html {
  return html`<span class="track"><span class="fill ${kind}" style="width:${width(share)}"></span></span>`;
}

/** For style attributes; a bar of something is never invisible. */
function width(share: number): string {
  if (!(share > 0)) return '0';
  return `${Math.max(0.4, Math.min(1, share) * 100).toFixed(2)}%`;
}

/** A suspicion 0..1 as a bar and a figure. */
export function gauge(suspicion: number): Html {
  return html`<p class="gauge"><span class="track"><span class="fill warn" style="width:${(suspicion * 100).toFixed(1)}%"></span></span><b>${suspicion.toFixed(2)}</b></p>`;
}

export function verdictTag({ admitted }: Pick<Member, 'admitted'>): Html {
  return html`<span class="tag ${admitted ? 'kept' : 'left'}">${admitted ? 'kept' : 'left out'}</span>`;
}

/** A line to be copied into a terminal. */
export function command(line: string): Html {
  return html`<code class="command">${line}</code>`;
}
