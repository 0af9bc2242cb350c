/** A recorded stream as items that are embedded already, batch by batch, with what came from outside its order where it took effect. */
import type { Reader, StoredDecision } from '../../infra/store/types.ts';
import type { Embedded } from '../../operators/items.ts';
import { type External, externalOf } from '../../operators/state/external.ts';

/** What happens next: items to be decided together, or an event. */
export type Step = { readonly items: readonly Embedded[] } | { readonly event: External };

const NO_PICTURE = new Uint8Array();

/** @param batch items handed out at once, at most. @param seen is told of each record on its way */
export function* recorded(reader: Reader, batch: number, seen: (decision: StoredDecision) => void): Generator<Step> {
  const events = reader.state('external').flatMap((change) => externalOf(change) ?? []);
  let next = 0;
  let items: Embedded[] = [];
  for (const decision of reader.decisions()) {
    for (let event = events[next]; event !== undefined && event.after < decision.seq; event = events[next]) {
      if (items.length > 0) yield { items };
      items = [];
      yield { event };
      next += 1;
    }
    seen(decision);
    items.push(itemOf(decision, reader.embedding(decision.seq)));
    if (items.length < batch) continue;
    yield { items };
    items = [];
  }
  if (items.length > 0) yield { items };
  for (const event of events.slice(next)) yield { event };
}

/** As it came from the embedder, without the crops of its objects: those are not kept. */
function itemOf({ seq, id, uri, stream, time, label, quality, digest }: StoredDecision, embedding: Float32Array): Embedded {
  return { seq, sample: { id, uri, stream, time, label, origin: null }, quality, digest, small: NO_PICTURE, embedding, objects: [] };
}
