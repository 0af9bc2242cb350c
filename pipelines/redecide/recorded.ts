/** A recorded stream as items that are embedded already, batch by batch, with what came from outside its order where it took effect. */
import type { Reader, StoredDecision } from '../../infra/store/types.ts';
import { isAlive, type Embedded, type Unchanged } from '../../operators/items.ts';
import { type External, externalOf } from '../../operators/state/external.ts';
import type { Quality } from '../../schemas/decision.ts';

/** What happens next: items to be decided together, or an event. */
export type Step = { readonly items: readonly (Embedded | Unchanged)[] } | { readonly event: External };

const NO_PICTURE = new Uint8Array();

/** @param batch items handed out at once, at most. @param seen is told of each record on its way, but of those that were rejected unseen */
export function* recorded(reader: Reader, batch: number, seen: (decision: StoredDecision) => void): Generator<Step> {
  const events = reader.state('external').flatMap((change) => externalOf(change) ?? []);
  let next = 0;
  let items: (Embedded | Unchanged)[] = [];
  for (const decision of reader.decisions()) {
    for (let event = events[next]; event !== undefined && event.after < decision.seq; event = events[next]) {
      if (items.length > 0) yield { items };
      items = [];
      yield { event };
      next += 1;
    }
    const item = decision.quality === null ? unchangedOf(decision) : itemOf(decision, decision.quality, reader.embedding(decision.seq));
    if (isAlive(item)) seen(decision);
    items.push(item);
    if (items.length < batch) continue;
    yield { items };
    items = [];
  }
  if (items.length > 0) yield { items };
  for (const event of events.slice(next)) yield { event };
}

/** As it came from the embedder, without the crops of its objects: those are not kept. */
function itemOf({ seq, id, uri, stream, time, label, digest }: StoredDecision, quality: Quality, embedding: Float32Array): Embedded {
  return { seq, sample: { id, uri, stream, time, label, origin: null }, quality, digest, small: NO_PICTURE, embedding, objects: [] };
}

/** An unchanged frame is one whatever the settings. */
function unchangedOf({ seq, id, uri, stream, time, label, reasons: [unchanged = { code: 'unchanged', value: 0, threshold: 0 }] }: StoredDecision): Unchanged {
  return { seq, sample: { id, uri, stream, time, label, origin: null }, unchanged, digest: '', amends: [], alerts: [], unused: [] };
}
