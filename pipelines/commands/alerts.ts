/** `sluice alerts DIR`, and what people say of them: ack, mute, unmute, mutes. */
import { type Acknowledged, acknowledge, mute, readStanding, type Standing, unmute } from '../../infra/alerts/standing.ts';
import type { Reader } from '../../infra/store/types.ts';
import type { Alert } from '../../schemas/decision.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { isOfKind, type Mute, type Scope } from '../../schemas/mute.ts';
import { alertJson } from '../../schemas/records-alert.ts';
import { allOrFaults, readWhole } from '../config/settings.ts';
import { duration } from '../config/units.ts';
import { printable, printLines } from './printable.ts';
import { reading } from './read.ts';

export interface AlertsFlags {
  readonly kind?: string | undefined;
  readonly stream?: string | undefined;
  readonly since?: string | undefined;
  readonly open: boolean;
  readonly json: boolean;
}

export interface ScopeFlags {
  readonly kind?: string | undefined;
  readonly stream?: string | undefined;
  readonly cluster?: string | undefined;
}

export interface MuteFlags extends ScopeFlags {
  readonly for?: string | undefined;
  readonly until?: string | undefined;
}

const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

export function alertsCommand(dir: string, flags: AlertsFlags): void {
  printLines(reading(dir, (reader) => alertLines(reader, readStanding(dir, Date.now()), flags)));
}

export function alertLines(reader: Reader, standing: Standing, { kind, stream, since, open, json }: AlertsFlags): readonly string[] {
  const from = since === undefined ? null : timeOf('--since', since);
  const wanted = (alert: Alert): boolean =>
    (kind === undefined || isOfKind(alert, kind)) &&
    (stream === undefined || alert.streams.includes(stream)) &&
    // What has no time came at no time after that.
    (from === null || (alert.time ?? -Infinity) >= from) &&
    (!open || !(standing.acknowledged.has(alert.id) || standing.muted.has(alert.id)));
  return [...reader.alerts()].filter(wanted).map((alert) => (json ? jsonLine : personsLine)(alert, standing));
}

function jsonLine(alert: Alert, { acknowledged, muted }: Standing): string {
  const said = acknowledged.get(alert.id);
  const more = { acknowledged: said === undefined ? null : { time: iso(said.at), by: said.by, note: said.note }, muted: muted.has(alert.id) };
  return `${alertJson(alert).slice(0, -1)},${JSON.stringify(more).slice(1)}`;
}

function personsLine(alert: Alert, { acknowledged, muted }: Standing): string {
  const { id, kind, cluster, seq, support, exemplars, streams } = alert;
  const said = acknowledged.get(id);
  const standing = [...(muted.has(id) ? ['muted'] : []), ...(said === undefined ? [] : [acknowledgedWords(said)])];
  return printable(`${seq}  ${kind}${cluster === null ? '' : ` cluster ${cluster}`}, support ${support.toFixed(1)}, ${streams.join(', ')}: ${exemplars.join(', ')} [${[id, ...standing].join('; ')}]`);
}

function acknowledgedWords({ at, by, note }: Acknowledged): string {
  return `acknowledged ${iso(at)}${by === null ? '' : ` by ${by}`}${note === null ? '' : `: ${note}`}`;
}

/** Also while a run holds the folder. */
export function ackCommand(dir: string, id: string, { by, note }: { readonly by?: string | undefined; readonly note?: string | undefined }): void {
  const known = reading(dir, (reader) => [...reader.alerts()].some((alert) => alert.id === id));
  if (!known) throw new SluiceError('SLUICE_E_NOT_FOUND', `${dir} holds no alert with the id ${JSON.stringify(id)}; sluice alerts ${dir} lists them.`);
  acknowledge(dir, id, { at: Date.now(), by: by ?? null, note: note ?? null });
}

export function muteCommand(dir: string, flags: MuteFlags): void {
  const now = Date.now();
  const { scope, until } = allOrFaults({ scope: () => scopeOf(flags), until: () => untilOf(flags, now) });
  // A folder that holds no run has no alerts to mute.
  reading(dir, () => {});
  mute(dir, scope, until, now);
  process.stderr.write(`${printable(muteWords({ ...scope, until }))}\n`);
}

export function unmuteCommand(dir: string, flags: ScopeFlags): void {
  const scope = scopeOf(flags);
  reading(dir, () => {});
  if (!unmute(dir, scope, Date.now())) throw new SluiceError('SLUICE_E_NOT_FOUND', `No such mute is in force in ${dir}; sluice alerts mutes ${dir} lists them.`);
}

export function mutesCommand(dir: string, { json }: { readonly json: boolean }): void {
  reading(dir, () => {});
  const { mutes } = readStanding(dir, Date.now());
  printLines(mutes.map((each) => (json ? JSON.stringify({ ...each, until: iso(each.until) }) : printable(muteWords(each)))));
}

function muteWords({ kind, stream, cluster, until }: Mute): string {
  const parts = [...(kind === null ? [] : [`kind ${kind}`]), ...(stream === null ? [] : [`stream ${stream}`]), ...(cluster === null ? [] : [`cluster ${cluster}`])];
  return `${parts.join(', ')}: muted until ${iso(until)}`;
}

function scopeOf({ kind, stream, cluster }: ScopeFlags): Scope {
  if (kind === undefined && stream === undefined && cluster === undefined) throw new SluiceError('SLUICE_E_USAGE', 'say what: --kind, --stream or --cluster');
  return { kind: kind ?? null, stream: stream ?? null, cluster: cluster === undefined ? null : readWhole('--cluster', cluster, 0, Number.MAX_SAFE_INTEGER) };
}

function untilOf({ for: length, until }: MuteFlags, now: number): number {
  if ((length === undefined) === (until === undefined)) throw new SluiceError('SLUICE_E_USAGE', 'give one of --for and --until');
  if (until !== undefined) {
    const time = timeOf('--until', until);
    if (time > now) return time;
    throw new SluiceError('SLUICE_E_USAGE', `--until ${until} is over`);
  }
  const { data, error } = duration('1s', '365d').safeParse(length);
  if (data !== undefined) return now + data;
  throw new SluiceError('SLUICE_E_USAGE', `--for: ${error?.issues[0]?.message ?? 'no duration'}, not "${length}"`);
}

function timeOf(option: string, text: string): number {
  const time = ISO.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(time)) return time;
  throw new SluiceError('SLUICE_E_USAGE', `${option} must be a time such as 2026-03-02 or 2026-03-02T11:00:00Z, not "${text}"`);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
