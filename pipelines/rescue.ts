/** Verdicts that a person turns round: each is an event that the engine goes on from, and takes its place on the row. */
import { existsSync } from 'node:fs';
import { picturesAgain } from '../infra/sources/again.ts';
import { MediaFolder } from '../infra/store/media.ts';
import { openReader } from '../infra/store/reader.ts';
import { openStore, type SqliteStore } from '../infra/store/sqlite.ts';
import type { Reader, StoredDecision } from '../infra/store/types.ts';
import { eventBatch } from '../operators/event-batch.ts';
import type { Turned, Verdict } from '../schemas/decision.ts';
import { SluiceError } from '../schemas/errors.ts';
import { classesOf } from '../schemas/sample.ts';
import { closing } from './closing.ts';
import { engineOf } from './reopened.ts';

export interface RescueSummary {
  /** Verdicts that were turned round. */
  readonly turned: number;
  /** Those that were as they are wanted. */
  readonly unchanged: number;
  /** Ids without a verdict. */
  readonly unknown: readonly string[];
  /** Ids of frames that were rejected as unchanged: nobody has looked at them, so nothing can be made of them. */
  readonly unseen: readonly string[];
  /** Pictures that were taken into the folder: frames of a video, read once more. */
  readonly copied: number;
  /** Ids of rescued items whose picture is not to be had any more: of these there is a thumbnail, if that. */
  readonly lost: readonly string[];
}

type Seen = StoredDecision & { readonly cluster: number };

/** @param to what the verdicts are to be. @throws SluiceError SLUICE_E_NOT_FOUND (no run in DIR), SLUICE_E_BUSY */
export function turnVerdicts(dir: string, ids: readonly string[], to: Verdict): Promise<RescueSummary> {
  return closing(async (later) => {
    // A folder without a run is not to become one.
    openReader(dir).close();
    const store = openStore(dir);
    later(() => store.close());
    const reader = openReader(dir);
    later(() => reader.close());
    const found = [...new Set(ids)].map((id) => ({ id, item: reader.decision(id) }));
    const unseen = found.flatMap(({ id, item }) => (item !== null && item.verdict !== to && item.cluster === null ? [id] : []));
    const due = found.flatMap(({ item }) => (item === null || item.verdict === to || item.cluster === null ? [] : [item as Seen])).sort((a, b) => a.seq - b.seq);
    const places = to === 'admit' ? await picturesOf(due, dir, reader) : new Map<string, string>();
    if (due.length > 0) turnAll(due, to, places, store);
    const there = (item: StoredDecision): boolean => places.has(item.id) || existsSync(item.uri);
    return {
      turned: due.length,
      unchanged: found.filter(({ item }) => item?.verdict === to).length,
      unknown: found.flatMap(({ id, item }) => (item === null ? [id] : [])),
      unseen,
      copied: places.size,
      lost: to === 'admit' ? due.filter((item) => !there(item)).map(({ id }) => id) : [],
    };
  });
}

/** Rejected pictures that are no files of their own were not kept: where their source is still there they are read again. @returns where each is by its id */
async function picturesOf(items: readonly StoredDecision[], dir: string, reader: Reader): Promise<ReadonlyMap<string, string>> {
  const runs = reader.runs();
  const bySource = Map.groupBy(items, ({ seq }) => runs.findLast((run) => run.seq <= seq)?.config.source ?? '');
  const places = new Map<string, string>();
  for (const [source, some] of bySource) {
    const digests = new Map(some.map(({ id, digest }) => [id, digest]));
    for await (const { id, bytes } of picturesAgain(source, digests)) {
      const [path] = await new MediaFolder(dir).keep([{ digest: digests.get(id) ?? '', bytes }]);
      if (path !== undefined) places.set(id, path);
    }
  }
  return places;
}

function turnAll(items: readonly Seen[], to: Verdict, places: ReadonlyMap<string, string>, store: SqliteStore): void {
  const config = store.lastRun()?.config;
  const dimension = store.dimension();
  if (config === undefined || dimension === null) throw new SluiceError('SLUICE_E_NOT_FOUND', `${store.dir} holds no run.`);
  const engine = engineOf(store, config, dimension);
  const after = store.nextSeq - 1;
  const turned = items.map((item): Turned => {
    const { seq, id, stream, verdict, cluster, digest, label, reasons, uri } = item;
    const split = engine.turn({ seq, id, stream, cluster, digest, admitted: verdict === 'admit', embedding: store.embedding(seq), classes: classesOf(label) }, after);
    const code = to === 'admit' ? 'rescued' : 'revoked';
    return { seq, verdict: to, split, uri: places.get(id) ?? uri, reasons: [{ code, value: after, threshold: seq }, ...reasons.filter((reason) => reason.code !== 'rescued' && reason.code !== 'revoked')] };
  });
  store.commit(eventBatch(engine, { turned }));
}
