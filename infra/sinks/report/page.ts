/** Puts the page together from its template, styles, scripts, sections and data. */
import { createHash } from 'node:crypto';
import type { Context } from './context.ts';
import { escape, html, type Html } from './html.ts';
import { alerts } from './sections/alerts.ts';
import { boxes } from './sections/boxes.ts';
import { classes } from './sections/classes.ts';
import { clusters } from './sections/clusters.ts';
import { dead } from './sections/dead.ts';
import { faults } from './sections/faults.ts';
import { footer } from './sections/footer.ts';
import { map } from './sections/map.ts';
import { reasons } from './sections/reasons.ts';
import { summary } from './sections/summary.ts';
import { suspects } from './sections/suspects.ts';
import { timeline } from './sections/timeline.ts';
import { filled, pageFile } from './template.ts';

const STYLES = ['base.css', 'charts.css', 'gallery.css', 'map.css'];
/** In order of use: each file imports only from those before it. */
const SCRIPTS = ['data.js', 'dom.js', 'colours.js', 'reasons.js', 'objects.js', 'card.js', 'view.js', 'grid.js', 'filter.js', 'pictures.js', 'draw.js', 'legend.js', 'stage.js', 'pointer.js', 'keys.js', 'map.js', 'gallery.js', 'tips.js', 'app.js'];
const SECTIONS: readonly { readonly id: string; readonly title: string; readonly make: (context: Context) => Html }[] = [
  { id: 'overview', title: 'Summary', make: summary },
  { id: 'time', title: 'Over time', make: timeline },
  { id: 'why', title: 'Why', make: reasons },
  { id: 'map', title: 'Map', make: map },
  { id: 'classes', title: 'Classes', make: classes },
  { id: 'clusters', title: 'Kinds', make: clusters },
  { id: 'labels', title: 'Labels', make: suspects },
  { id: 'boxes', title: 'Boxes', make: boxes },
  { id: 'files', title: 'Bad files', make: dead },
  { id: 'annotations', title: 'Bad annotations', make: faults },
  { id: 'alerts', title: 'Alerts', make: alerts },
  { id: 'how', title: 'How', make: footer },
];

export interface PageData {
  readonly summary: string;
  readonly points: string;
  readonly objects: string;
  readonly thumbs: Iterable<string>;
}

/** The page in pieces, in order. */
export function* pageParts(context: Context, data: PageData): Generator<string> {
  const made = SECTIONS.map(({ id, title, make }) => ({ id, title, body: make(context) })).filter(({ body }) => body.markup !== '');
  const script = pageScript();
  const slots: Readonly<Record<string, Iterable<string>>> = {
    policy: [contentPolicy(script)],
    title: [escape(pageTitle(context))],
    style: [STYLES.map(pageFile).join('\n')],
    nav: [html`${made.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}`.markup],
    main: made.map(({ body }) => body.markup),
    summary: [data.summary],
    points: [data.points],
    objects: [data.objects],
    thumbs: data.thumbs,
    script: [script],
  };
  yield* filled('page.html', slots);
}

function pageTitle({ collected: { admitted, decided } }: Context): string {
  return `Sluice: kept ${admitted} of ${decided}`;
}

/**
 * Nothing may be fetched, and no script may run but ours: where the policy names a hash, browsers take no notice of
 * 'unsafe-inline', which is there for those too old to know hashes.
 */
function contentPolicy(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

/** The modules of page/ as one script: they share one scope, so their imports and exports fall away. */
export function pageScript(): string {
  const modules = SCRIPTS.map((name) => pageFile(name).replace(/^import .*;\n/gm, '').replace(/^export /gm, ''));
  return `(() => {\n'use strict';\n${modules.join('\n')}\n})();\n`;
}
