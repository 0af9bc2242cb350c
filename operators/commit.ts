import { concatMap, toArray, type OperatorFunction } from 'rxjs';
import type { DeadLetter, Decision } from '../schemas/decision.ts';
import type { Aside, Decided, Failed, Unchanged } from './items.ts';
import { isAlive, isFailed, isUnchanged } from './items.ts';
import type { Batch, Media, Outlet, Strip, Thumbnails } from './ports.ts';
import type { Engine } from './state/engine.ts';
import { novelty } from './state/policy.ts';
import type { Reservoir } from './state/reservoir.ts';

const NO_VECTOR = new Float32Array();
const NO_LABELS = { learned: 0, waiting: 0, repeated: 0 };

/**
 * Writes all that the batch changed in one transaction, and hands on what was written.
 * @param rejects says which rejected items have a thumbnail; all, where it is left out
 * @param media keeps the admitted ones of pictures that are no files, before the transaction: what is left of a batch that fails then is found and taken by the next run
 */
export function commit(outlet: Outlet, engine: Engine, thumbnails: Thumbnails, media?: Media, rejects?: Reservoir): OperatorFunction<Decided | Aside, Batch> {
  return (source) =>
    source.pipe(
      toArray(),
      concatMap(async (items) => {
        const decided = items.filter(isAlive);
        const settled = items.filter((item): item is Decided | Unchanged => !isFailed(item));
        const places = media === undefined ? new Map<number, string>() : await keptIn(media, decided);
        const batch: Batch = {
          decisions: settled.map((item) => (isUnchanged(item) ? decisionOfUnchanged(item) : decisionOf(item, places.get(item.seq) ?? item.sample.uri))),
          dead: items.filter(isFailed).map(deadLetterOf),
          faults: settled.flatMap(({ seq, sample }) => (sample.faults ?? []).map((each) => ({ seq, ...each }))),
          amends: settled.flatMap(({ amends }) => amends),
          alerts: [...engine.takeRaised(), ...settled.flatMap(({ alerts }) => alerts)],
          ...(await picturesOf(decided, thumbnails, rejects)),
          changes: engine.takeChanges(),
          labels: NO_LABELS,
          unused: settled.flatMap(({ unused }) => unused),
          told: engine.takeTold(),
          unspent: engine.unspent,
          clusters: engine.clusterCounts,
        };
        await outlet.commit(batch);
        return batch;
      }),
    );
}

/** Where admitted pictures now are that came as bytes, by seq. */
async function keptIn(media: Media, decided: readonly Decided[]): Promise<ReadonlyMap<number, string>> {
  const pictures = decided.flatMap(({ seq, bytes, digest, judgement }) => (bytes === undefined || judgement.verdict === 'reject' ? [] : [{ seq, bytes, digest }]));
  const paths = await media.keep(pictures);
  return new Map(pictures.flatMap(({ seq }, i) => (paths[i] === undefined ? [] : [[seq, paths[i]]])));
}

/** Rejected ones have strips of their own: they leave one by one. */
async function picturesOf(decided: readonly Decided[], thumbnails: Thumbnails, rejects?: Reservoir): Promise<Pick<Batch, 'strips' | 'unpictured'>> {
  if (rejects === undefined) return { strips: await stripsOf(decided, thumbnails) };
  const admitted = decided.filter(({ judgement }) => judgement.verdict === 'admit');
  const rejected = decided.filter(({ judgement }) => judgement.verdict === 'reject');
  const { taken, left } = rejects.take(rejected.map(({ seq, sample }) => ({ seq, id: sample.id })));
  thumbnails.drop?.(rejected.filter(({ seq }) => !taken.has(seq)).map(({ small }) => small));
  const strips = [...(await stripsOf(admitted, thumbnails)), ...(await stripsOf(rejected.filter(({ seq }) => taken.has(seq)), thumbnails))];
  return { strips, ...(left.length === 0 ? {} : { unpictured: left }) };
}

async function stripsOf(decided: readonly Decided[], thumbnails: Thumbnails): Promise<Strip[]> {
  let next = 0;
  const encoded = await thumbnails.encode(decided.map(({ small }) => small));
  return encoded.map(({ jpeg, count }) => ({ jpeg, seqs: decided.slice(next, (next += count)).map(({ seq }) => seq) }));
}

function deadLetterOf({ seq, id, error }: Failed): DeadLetter {
  return { seq, id, code: error.code, cause: error.message };
}

function decisionOf({ seq, sample, judgement, split, place, share, nearest, suspicion, findings, quality, digest, embedding }: Decided, uri: string): Decision {
  const { id, stream, time, label, origin } = sample;
  const { verdict, review, reasons, score } = judgement;
  return {
    seq,
    id,
    uri,
    stream,
    time,
    verdict,
    review,
    reasons,
    score,
    novelty: novelty(nearest?.similarity ?? null),
    cluster: place.id,
    share,
    nearest: nearest === null ? null : { id: nearest.item.id, similarity: nearest.similarity },
    label,
    suspicion,
    quality,
    split,
    objects: findings,
    digest,
    embedding,
    origin,
  };
}

/** Nobody has looked at it: all that is known of it is why. */
function decisionOfUnchanged({ seq, sample, unchanged, digest }: Unchanged): Decision {
  const { id, uri, stream, time, label, origin } = sample;
  const unknown = { score: null, novelty: null, cluster: null, share: null, nearest: null, suspicion: null, quality: null, split: null } as const;
  return { seq, id, uri, stream, time, verdict: 'reject', review: false, reasons: [unchanged], ...unknown, label, objects: [], digest, embedding: NO_VECTOR, origin };
}
