/** `sluice explain DIR ID`: everything that led to one verdict. */
import type { EarlierLabel, Reader, StoredDecision, StoredFaults } from '../../infra/store/types.ts';
import type { ObjectFinding, Reason } from '../../schemas/decision.ts';
import { ERRORS, SluiceError, type ErrorCode } from '../../schemas/errors.ts';
import { NO_CUT } from '../../operators/state/cut.ts';
import { BOX_FAULTS, reasonText } from '../../schemas/reasons.ts';
import { printable, printLines } from './printable.ts';
import { reading } from './read.ts';

const GONE = { admit: 'admitted', reject: 'rejected', dead: 'a bad file' } as const;

export function explainCommand(dir: string, id: string): void {
  printLines(reading(dir, (reader) => explainLines(reader, id)));
}

/** @throws SluiceError SLUICE_E_NOT_FOUND */
export function explainLines(reader: Reader, id: string): readonly string[] {
  const decision = reader.decision(id);
  const dead = reader.deadOf(id);
  const gone = reader.goneOf(id);
  if (decision === null && dead.length === 0 && gone.length === 0) throw new SluiceError('SLUICE_E_NOT_FOUND', `${reader.dir} holds no item with the id ${JSON.stringify(id)}`);
  const letters = dead.flatMap(({ seq, code, cause }) => [`${id} (item ${seq}) is a bad file: ${cause} [${code}]`, `  ${ERRORS[code as ErrorCode]?.next ?? ''}`]);
  const forgotten = gone.map(({ seq, verdict, after }) => `${id} was item ${seq} (${GONE[verdict]}); it was forgotten after item ${after}`);
  return [...forgotten, ...(decision === null ? [] : [...decisionLines(decision, Object.values(reader.gone()).some((count) => count > 0)), ...correctionLines(reader.earlierLabels(decision.seq)), ...faultLines(reader.faultsOf(decision.seq))]), ...letters].map(printable);
}

function decisionLines(d: StoredDecision, someGone: boolean): readonly string[] {
  const [first, ...others] = d.reasons;
  const facts: [string, string][] = [
    ['stream', d.stream],
    ['time', d.time === null ? 'none' : new Date(d.time).toISOString()],
    ...seenFacts(d, someGone),
    ['label', labelText(d.label)],
    ['suspicion', suspicionLine(d)],
    ['picture', pictureLine(d.quality)],
  ];
  return [
    `${d.id} (item ${d.seq}): ${d.verdict === 'admit' ? 'ADMITTED' : 'REJECTED'}`,
    ...(first === undefined ? [] : [`  because ${reasonLine(first, d)}`]),
    ...others.map((reason) => `  and     ${reasonLine(reason, d)}`),
    ...facts.map(([name, value]) => `  ${name.padEnd(13)}${value}`),
    ...d.objects.map(objectLine),
  ];
}

/** What is only known of a picture that was looked at. */
function seenFacts({ score, novelty, nearest, cluster, share }: StoredDecision, someGone: boolean): [string, string][] {
  if (score === null || cluster === null || share === null) return [];
  return [
    ['score', show(score)],
    ['nearest kept', nearest === null ? (someGone && novelty !== 1 ? 'forgotten since' : 'none yet') : `${nearest.id} (similarity ${show(nearest.similarity)})`],
    ['cluster', `${cluster}, ${(100 * share).toFixed(2)} % of the recent stream`],
  ];
}

function pictureLine(quality: StoredDecision['quality']): string {
  if (quality === null) return 'not looked at';
  const { width, height, brightness, contrast, sharpness } = quality;
  return `${width} x ${height}, brightness ${show(brightness)}, contrast ${show(contrast)}, sharpness ${show(sharpness)}`;
}

/** The label that was given first, and when it was corrected. */
function correctionLines(earlier: readonly EarlierLabel[]): readonly string[] {
  const [first] = earlier;
  if (first === undefined) return [];
  return [`  corrected    ${earlier.length === 1 ? 'after' : `${earlier.length} times, first after`} item ${first.after}; first given: ${labelText(first.label)}`];
}

function labelText(label: StoredDecision['label']): string {
  if (label === null) return 'none';
  return typeof label === 'string' ? label : `${label.length} ${label.length === 1 ? 'box' : 'boxes'}`;
}

/** What of its annotations it was decided without. */
function faultLines(faults: readonly StoredFaults[]): readonly string[] {
  return faults.flatMap(({ code, count, causes: [first = ''] }) => [`  without      ${count} ${count === 1 ? 'annotation' : 'annotations'} [${code}]${count === 1 ? '' : ', the first'}: ${first}`, `               ${ERRORS[code as ErrorCode]?.next ?? ''}`]);
}

/** As it was first given, and as it is now where the label was looked at again. */
function suspicionLine({ suspicion, suspicionNow, review }: StoredDecision): string {
  if (suspicion === null) return 'no label was shown';
  return `${show(suspicion)}${suspicionNow === null || suspicionNow === suspicion ? '' : `, now ${show(suspicionNow)}`}${review ? ', for review' : ''}`;
}

/** One object of its label, and what speaks against its box or class. */
function objectLine({ index, class: name, bbox, share, suspicion, suggested, faults }: ObjectFinding): string {
  const place = bbox.map((side) => show(Math.round(side * 10) / 10)).join(' ');
  if (index === null) return `  no box for ${name} at ${place}: ${faults.map((fault) => BOX_FAULTS[fault]).join(', ')}, suspicion ${show(suspicion ?? 0)}`;
  const crop = `${share === null ? 'its crop was not looked at' : `${(100 * share).toFixed(2)} % of the recent objects`}${suspicion === null ? '' : `, suspicion ${show(suspicion)}`}`;
  const better = suggested === null || suggested === name ? '' : `, looks more like ${suggested}`;
  return `  object ${index}  ${name} at ${place}: ${crop}${better}${faults.map((fault) => `, ${BOX_FAULTS[fault]}`).join('')}`;
}

function reasonLine({ code, value, threshold, object }: Reason, { objects }: StoredDecision): string {
  const named = objects.find(({ index }) => index === object);
  const whose = named === undefined ? '' : ` of object ${named.index} (${named.class})`;
  const { measure, sentence } = reasonText(code);
  return `${code}${whose}: ${against(value, threshold)}${sentence === '' ? '' : ` (${measure}). ${sentence}`}`;
}

/** Value and threshold with as many digits as it takes to tell them apart. */
function against(value: number, threshold: number): string {
  if (threshold === NO_CUT) return `${show(value)}, no cut yet`;
  for (let digits = 4; digits < 17; digits++) {
    const [a, b] = [Number(value.toPrecision(digits)), Number(threshold.toPrecision(digits))];
    if (a !== b || value === threshold) return `${a} against ${b}`;
  }
  return `${value} against ${threshold}`;
}

function show(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
