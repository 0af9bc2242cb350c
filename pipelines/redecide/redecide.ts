/**
 * The pipeline that decides a recorded stream again, from its embeddings. Nothing is decoded, embedded or written:
 *
 *     records (→ guard, known) → recall → arrive → cluster → audit → decide → alert
 */
import { from, lastValueFrom, toArray } from 'rxjs';
import type { Reader, StoredDecision } from '../../infra/store/types.ts';
import { alert } from '../../operators/alert.ts';
import { arrive } from '../../operators/arrive.ts';
import { audit } from '../../operators/audit.ts';
import { cluster } from '../../operators/cluster.ts';
import { decide } from '../../operators/decide.ts';
import { isFailed, isUnchanged } from '../../operators/items.ts';
import type { VectorIndex } from '../../operators/ports.ts';
import { recall } from '../../operators/recall.ts';
import { unpackCampaigns } from '../../operators/state/campaigns.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import type { External } from '../../operators/state/external.ts';
import { unpackLabel } from '../../operators/state/late-label.ts';
import { unpackTurned } from '../../operators/state/turn.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { classesOf } from '../../schemas/sample.ts';
import { besides, type Guarded } from '../curate.ts';
import { recorded } from './recorded.ts';

/** Items that go through together; changes no decision. */
const BATCH = 256;

/** What was decided of one item, now and as it is on record. */
export interface Twice {
  readonly record: StoredDecision;
  readonly admitted: boolean;
  readonly review: boolean;
}

interface Decided {
  readonly record: StoredDecision;
  /** The one it was put into this time. */
  readonly cluster: number;
  admitted: boolean;
  review: boolean;
}

/** @param index empty. @returns each item's verdicts, in order of seq; unchanged frames are rejected again and left out */
export async function redecide(reader: Reader, index: VectorIndex, settings: EngineSettings, { guarded, known }: { readonly guarded: Guarded | null; readonly known: Guarded | null }, signal: AbortSignal): Promise<readonly Twice[]> {
  const engine = new Engine(settings);
  const recalled = recall(index, engine.memory);
  const compared = besides(guarded, known);
  const found = new Map<number, Decided>();
  const records: StoredDecision[] = [];
  for (const step of recorded(reader, BATCH, (record) => records.push(record))) {
    if (signal.aborted) throw new SluiceError('SLUICE_E_INTERRUPTED', `stopped after ${found.size} items; nothing was written`);
    if ('event' in step && step.event.kind === 'turn') turnAgain(engine, step.event, found, reader);
    else if ('event' in step) happen(engine, step.event, (id) => labellable(reader, found, id));
    else {
      const decided = await lastValueFrom(from(step.items).pipe(compared, recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), toArray()));
      for (const item of decided) {
        if (isFailed(item)) continue;
        for (const { seq, review } of item.amends) Object.assign(found.get(seq) ?? {}, { review });
        if (isUnchanged(item)) continue;
        const record = records[found.size];
        if (record?.seq !== item.seq) throw new SluiceError('SLUICE_E_INTERNAL', `item ${item.seq} was decided out of its turn`);
        found.set(item.seq, { record, cluster: item.place.id, admitted: item.judgement.verdict === 'admit', review: item.judgement.review });
      }
    }
    // What a commit would write is let go.
    engine.takeChanges();
  }
  return [...found.values()];
}

function labellable(reader: Reader, found: ReadonlyMap<number, Twice>, id: string): Parameters<Engine['label']>[2] {
  const record = reader.decision(id);
  const twice = record === null ? undefined : found.get(record.seq);
  return record === null || twice === undefined ? null : { seq: record.seq, stream: record.stream, admitted: twice.admitted, embedding: reader.embedding(record.seq) };
}

/** What a person said of an item holds in the replay as well. */
function turnAgain(engine: Engine, { after, payload }: External, found: ReadonlyMap<number, Decided>, reader: Reader): void {
  const { seq, admitted } = unpackTurned(payload);
  const twice = found.get(seq);
  if (twice === undefined || twice.admitted === admitted) return;
  const { id, stream, digest, label } = twice.record;
  engine.turn({ seq, id, stream, digest, cluster: twice.cluster, admitted: twice.admitted, embedding: reader.embedding(seq), classes: classesOf(label) }, after);
  twice.admitted = admitted;
}

/** A correction does not happen a second time: the label on record is the corrected one, from the beginning; what was forgotten is not on it. That a camera was silent decides nothing. */
function happen(engine: Engine, { kind, after, payload }: External, item: (id: string) => Parameters<Engine['label']>[2]): void {
  if (kind === 'campaigns') engine.campaign(unpackCampaigns(payload), after);
  else if (kind === 'label') {
    const label = unpackLabel(payload);
    engine.label(label, after, item(label.id));
  } else if (kind !== 'correction' && kind !== 'silent' && kind !== 'forget') throw new SluiceError('SLUICE_E_INTERNAL', `a folder holds no events of the kind ${kind}`);
}
