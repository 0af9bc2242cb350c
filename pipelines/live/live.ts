/**
 * The pipeline over cameras on the embedded host: what waits is a batch, however little. Where nothing waits nothing is decided, but that a camera has fallen
 * silent is written all the same.
 */
import type { Cameras } from '../../infra/sources/cameras/cameras.ts';
import { gate } from '../../operators/gate.ts';
import type { Numbered } from '../../operators/items.ts';
import type { Batch, Entry, OnRecord } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { type Parts, settling } from '../curate.ts';
import { prepareBatch } from '../prepare.ts';
import type { Retention } from '../retention.ts';
import type { Silences } from './silences.ts';

/** Frames of a batch, at most: they are held in memory. */
const AT_ONCE = 32;
/** Milliseconds in which nothing is looked at, at most. */
const LOOK_MS = 1000;

export interface LiveParts extends Omit<Parts, 'intake' | 'guarded'> {
  readonly cameras: Cameras;
  readonly silences: Silences;
  /** Lets the oldest frames go; null where all are kept. */
  readonly retention: Retention | null;
  /** What is known of an id. */
  readonly onRecord: (id: string) => OnRecord;
}

/** Decides what comes until the signal, and ends after the batch under way. @param onCommit called after each commit. @param now milliseconds since 1970 */
export async function live(parts: LiveParts, signal: AbortSignal, onCommit: (batch: Batch) => void, now: () => number): Promise<void> {
  const { cameras, silences, engine, store, onRecord, retention } = parts;
  const settle = settling(parts);
  const gated = gate(engine.gates.ahead());
  while (!signal.aborted) {
    retention?.step(now());
    const entries = cameras.take(AT_ONCE);
    const silent = silences.due();
    if (entries.length === 0 && silent.length === 0) {
      await cameras.moved(LOOK_MS, signal);
      continue;
    }
    const first = store.nextSeq;
    for (const stream of silent) engine.silent(stream, now(), first - 1);
    const items = entries.map((entry, i) => gated(numbered(entry, first + i, onRecord)));
    onCommit(await settle(await prepareBatch(parts, items)));
  }
}

/** The clock of this machine may have been set back: then an id comes again. */
function numbered(entry: Entry, seq: number, onRecord: (id: string) => OnRecord): Numbered {
  const id = 'sample' in entry ? entry.sample.id : entry.id;
  if (!onRecord(id).decided) return { ...entry, seq };
  return { seq, id, error: new SluiceError('SLUICE_E_ID_REPEATED', `an item with the id ${JSON.stringify(id)} came before`) };
}
