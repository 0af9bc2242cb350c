/** How far each sink of a run has got in the alerts of its folder, and which of them are muted. Small writes, now and then, by the run alone. */
import type { DatabaseSync } from 'node:sqlite';
import { storeFailure } from '../store/failure.ts';
import { transaction } from '../store/database.ts';
import { number } from '../store/values.ts';
import { isMuted, mutesIn } from './standing.ts';
import { openTables } from './tables.ts';
import type { Outbox } from './types.ts';

const PATIENCE_MS = 5000;
/** Once decisions are under way: people write for a moment only, and a run that finds them at it comes again rather than wait. */
const PATIENCE_LATER_MS = 100;
/** Alerts looked at together. */
const AT_ONCE = 100;

export interface Place {
  /** Of the last alert that is done with. */
  readonly number: number;
  /** Of the one after it, so far. */
  readonly tries: number;
}

export class Progress {
  readonly #dir: string;
  readonly #db: DatabaseSync;
  readonly #outbox: Outbox;

  /** @throws SluiceError SLUICE_E_STORE_CORRUPT, SLUICE_E_NOT_WRITABLE, SLUICE_E_DISK_FULL, SLUICE_E_BUSY */
  constructor(dir: string, outbox: Outbox) {
    this.#dir = dir;
    this.#outbox = outbox;
    this.#db = openTables(dir, PATIENCE_MS);
  }

  /** A sink that is new begins with what comes from now on. A power cut may have taken alerts back that were delivered: what then comes has their numbers. */
  begin(sinks: readonly string[]): void {
    const last = this.#outbox.last();
    this.#guard(() => transaction(this.#db, () => {
      this.#db.prepare('INSERT OR IGNORE INTO watch(one, number) VALUES(1, ?)').run(last);
      this.#db.prepare('UPDATE watch SET number = min(number, ?)').run(last);
      for (const name of sinks) this.#db.prepare('INSERT OR IGNORE INTO sinks(name, number, tries, delivered, given_up) VALUES(?, ?, 0, 0, 0)').run(name, last);
      this.#db.prepare('UPDATE sinks SET number = min(number, ?)').run(last);
    }));
    this.#guard(() => this.#db.exec(`PRAGMA busy_timeout = ${PATIENCE_LATER_MS}`));
  }

  /** Looks at what was raised since the last call: what a mute is in force for now is muted for good. @param now milliseconds since 1970. @returns the number up to which all are looked at */
  watch(now: number): number {
    return this.#guard(() => {
      let watched = number(this.#db.prepare('SELECT number FROM watch').get()?.['number']);
      for (let raised = this.#outbox.after(watched, AT_ONCE); raised.length > 0; raised = this.#outbox.after(watched, AT_ONCE)) {
        const inForce = mutesIn(this.#db, now);
        const reached = raised.at(-1)?.number ?? watched;
        transaction(this.#db, () => {
          for (const { alert } of raised) if (isMuted(inForce, alert)) this.#db.prepare('INSERT OR IGNORE INTO muted(alert) VALUES(?)').run(alert.id);
          this.#db.prepare('UPDATE watch SET number = ?').run(reached);
        });
        watched = reached;
      }
      return watched;
    });
  }

  isMuted(alert: string): boolean {
    return this.#guard(() => this.#db.prepare('SELECT 1 FROM muted WHERE alert = ?').get(alert) !== undefined);
  }

  place(sink: string): Place {
    const row = this.#guard(() => this.#db.prepare('SELECT number, tries FROM sinks WHERE name = ?').get(sink));
    return { number: number(row?.['number']), tries: number(row?.['tries']) };
  }

  /** All up to this number are done with. @param how what became of the last of them */
  done(sink: string, reached: number, how: 'delivered' | 'given_up' | 'passed'): void {
    const counts = `delivered = delivered + ${how === 'delivered' ? 1 : 0}, given_up = given_up + ${how === 'given_up' ? 1 : 0}`;
    this.#guard(() => this.#db.prepare(`UPDATE sinks SET number = ?, tries = 0, ${counts} WHERE name = ?`).run(reached, sink));
  }

  tried(sink: string): void {
    this.#guard(() => this.#db.prepare('UPDATE sinks SET tries = tries + 1 WHERE name = ?').run(sink));
  }

  close(): void {
    this.#db.close();
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw storeFailure(thrown, this.#dir);
    }
  }
}
