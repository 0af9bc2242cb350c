import type { Alert } from './decision.ts';

/** Which alerts are meant: what is null is any. */
export interface Scope {
  /** As `kind` of an alert, or its first part: `health` means every `health.<what>`. */
  readonly kind: string | null;
  readonly stream: string | null;
  readonly cluster: number | null;
}

export interface Mute extends Scope {
  /** Milliseconds since 1970, by the clock of the machine. */
  readonly until: number;
}

/** Whether the mute is about the alert. A muted stream hides no alert that members of another stream raised too. */
export function mutes({ kind, stream, cluster }: Scope, alert: Alert): boolean {
  return (kind === null || isOfKind(alert, kind)) && (stream === null || (alert.streams.length > 0 && alert.streams.every((each) => each === stream))) && (cluster === null || alert.cluster === cluster);
}

export function isOfKind({ kind }: Alert, wanted: string): boolean {
  return kind === wanted || kind.startsWith(`${wanted}.`);
}
