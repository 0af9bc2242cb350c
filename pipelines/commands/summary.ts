/** What a run found, in words for people. */
import { promised } from '../../infra/sinks/promised.ts';
import { ERRORS, type ErrorCode } from '../../schemas/errors.ts';
import { reasonText } from '../../schemas/reasons.ts';
import { isShort } from '../../schemas/target.ts';
import type { Reader, StoredDecision } from '../../infra/store/types.ts';
import type { CurateSummary } from '../embedded.ts';
import { printable } from './printable.ts';

/** Lines of each list at most. */
const MOST = 8;

interface Figures {
  readonly byReason: ReadonlyMap<string, number>;
  readonly clusters: ReadonlyMap<number, { readonly seen: number; readonly kept: number; readonly example: string }>;
  readonly suspicious: readonly StoredDecision[];
  readonly reviews: number;
}

/** What the model had to do. */
export function workLine({ embedded, objects, seconds }: Pick<CurateSummary, 'embedded' | 'objects' | 'seconds'>): string {
  return `${embedded} ${embedded === 1 ? 'image' : 'images'}${objects === 0 ? '' : ` and ${objects} crops of them`} embedded in ${seconds.toFixed(1)} s`;
}

/** The whole summary: counts, reasons, targets that are short, rare clusters, doubtful labels, bad files, alerts. */
export function summaryLines(reader: Reader): readonly string[] {
  const totals = reader.totals();
  const { decided, admitted, dead, unspent } = totals;
  const due = promised(reader.runs(), totals);
  const figures = gather(reader);
  const { admit, reject, dead: letters } = reader.gone();
  const gone = admit + reject + letters;
  const share = decided === 0 ? 0 : (100 * admitted) / decided;
  return [
    `${decided + dead} inputs: ${decided} decided, ${admitted} kept (${share.toFixed(1)} %), ${decided - admitted} left out, ${dead} bad ${dead === 1 ? 'file' : 'files'}; ${due === null ? '' : `the budget promised ${due}, `}${unspent} unspent${gone === 0 ? '' : `; ${gone} of them gone since, ${admit} of these were kept`}`,
    ...section('Why', [...figures.byReason].sort((a, b) => b[1] - a[1]), ([code, count]) => `${pad(count)}  ${labelOf(code)}`),
    ...section('Targets still short', reader.targets().filter(isShort), ({ of, name, have, wanted }) => `${pad(have)} of ${Math.ceil(wanted)}: ${of} ${name}`),
    ...section('Campaigns', reader.campaigns(), ({ name, admitted: kept, cap }) => `${pad(kept)} kept${cap === null ? '' : ` of ${cap}`}: ${name}`),
    ...section('Rare clusters kept', rareKept(figures), ([id, { seen, kept, example }]) => `${pad(seen)} seen, ${kept} kept: cluster ${id}, such as ${example}`),
    ...section(`Labels that look wrong (${figures.reviews} for review)`, figures.suspicious, (d) => `   ${(d.suspicionNow ?? 0).toFixed(2)}  ${d.id} is labelled ${labelText(d)}`, figures.reviews),
    ...badFiles(reader),
    ...annotations(reader),
    ...section('Alerts', [...reader.alerts()], ({ kind, seq, exemplars }) => `   ${kind} at item ${seq}: ${exemplars.slice(0, 3).join(', ')}`),
  ].map(printable);
}

function gather(reader: Reader): Figures {
  const byReason = new Map<string, number>();
  const clusters = new Map<number, { seen: number; kept: number; example: string }>();
  let suspicious: StoredDecision[] = [];
  let reviews = 0;
  for (const decision of reader.decisions()) {
    const code = decision.reasons[0]?.code ?? 'unknown';
    byReason.set(code, (byReason.get(code) ?? 0) + 1);
    if (decision.cluster === null) continue;
    const cluster = clusters.get(decision.cluster) ?? { seen: 0, kept: 0, example: decision.id };
    clusters.set(decision.cluster, { seen: cluster.seen + 1, kept: cluster.kept + (decision.verdict === 'admit' ? 1 : 0), example: cluster.example });
    if (decision.review) {
      reviews += 1;
      suspicious.push(decision);
      if (suspicious.length > 1000) suspicious = mostSuspicious(suspicious);
    }
  }
  return { byReason, clusters, suspicious: mostSuspicious(suspicious), reviews };
}

function mostSuspicious(decisions: readonly StoredDecision[]): StoredDecision[] {
  return [...decisions].sort((a, b) => (b.suspicionNow ?? 0) - (a.suspicionNow ?? 0) || a.seq - b.seq).slice(0, MOST);
}

/** Clusters with at most twice an even share of what was seen and something kept, the rarest first; single items are left out, they may be noise. */
function rareKept({ clusters }: Figures): [number, { seen: number; kept: number; example: string }][] {
  const all = [...clusters.values()].reduce((sum, { seen }) => sum + seen, 0);
  const several = [...clusters].filter(([, { seen, kept }]) => seen >= 3 && kept > 0 && seen <= (2 * all) / clusters.size);
  return several.sort((a, b) => a[1].seen - b[1].seen || a[0] - b[0]).slice(0, MOST);
}

/** @param all how many there are, where `items` are only the first of them */
function section<T>(title: string, items: readonly T[], line: (item: T) => string, all = items.length): readonly string[] {
  if (items.length === 0) return [];
  const rest = all - MOST;
  return ['', title, ...items.slice(0, MOST).map(line), ...(rest > 0 ? [`   and ${rest} more`] : [])];
}

function labelOf(code: string): string {
  const { label, sentence, verdict } = reasonText(code);
  return sentence === '' ? code : `${verdict === 'admit' ? 'kept' : 'left out'}: ${label.toLowerCase()}`;
}

function labelText({ label }: StoredDecision): string {
  if (typeof label === 'string') return label;
  return label === null ? 'nothing' : [...new Set(label.map((box) => box.class))].join(', ');
}

/** Those that have no verdict by now. */
function badFiles(reader: Reader): readonly string[] {
  const bad = [...reader.dead()].filter(({ id, code }) => code === 'SLUICE_E_ID_REPEATED' || reader.decision(id) === null);
  const lines = section('Bad files', bad, ({ id, cause }) => `   ${id}: ${cause}`);
  return lines.length === 0 ? lines : [...lines, '   once mended, the same command with --retry tries them again'];
}

/** What of the annotations was left out, by code, and how many images have none. */
function annotations(reader: Reader): readonly string[] {
  const { bad, imagesWithout } = reader.annotations();
  const lines = section('Bad annotations, left out of their images', Object.entries(bad).sort((a, b) => b[1] - a[1]), ([code, count]) => `${pad(count)}  ${code}: ${ERRORS[code as ErrorCode]?.meaning ?? ''}`);
  return [...lines, ...(lines.length === 0 ? [] : ['   where they are: sluice faults DIR']), ...(imagesWithout === 0 ? [] : ['', `${imagesWithout} ${imagesWithout === 1 ? 'image has' : 'images have'} no annotations`])];
}

function pad(count: number): string {
  return String(count).padStart(6);
}
