import type { Alert } from '../../schemas/decision.ts';

/** An alert with its place among those of its folder: numbers only rise. */
export interface Posted {
  readonly number: number;
  readonly alert: Alert;
}

/** The alerts of a folder that are committed. */
export interface Outbox {
  /** The greatest number; 0 where there is none. */
  last(): number;
  /** Those with greater numbers, in their order. */
  after(number: number, limit: number): readonly Posted[];
  /** How many have greater numbers, up to and including `last`. */
  count(number: number, last: number): number;
}

/** Where alerts are told of. */
export interface Sink {
  readonly name: string;
  /**
   * Resolves once it has got it for good. It may get one twice, by its id.
   * @param signal ends it. @throws SluiceError SLUICE_E_SINK_FAILED where trying again may help, SLUICE_E_SINK_REFUSED where it will hardly
   */
  deliver(alert: Alert, signal: AbortSignal): Promise<void>;
  close(): Promise<void> | void;
}
