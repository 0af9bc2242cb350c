/** Items that must not be kept any more: all that an output folder holds of them as such is taken out, and its engine lets go of them. */
import { existsSync } from 'node:fs';
import type { Leaver } from '../infra/store/forget.ts';
import { isKept, MediaFolder } from '../infra/store/media.ts';
import { openReader } from '../infra/store/reader.ts';
import { removeReembedded } from '../infra/store/reembedded.ts';
import { openStore, type SqliteStore } from '../infra/store/sqlite.ts';
import type { StoredDecision } from '../infra/store/types.ts';
import { eventBatch, NOTHING_DECIDED } from '../operators/event-batch.ts';
import type { Batch } from '../operators/ports.ts';
import type { Engine } from '../operators/state/engine.ts';
import { type Leaving, RENEWED_FROM } from '../operators/state/forget.ts';
import { SluiceError } from '../schemas/errors.ts';
import { closing } from './closing.ts';
import { engineOf } from './reopened.ts';

/** Items of one transaction. */
const AT_ONCE = 1000;

/** What is to go: items by their ids, or those of a stream with times before one (milliseconds since 1970). */
export type Forgotten = { readonly ids: readonly string[] } | { readonly stream: string; readonly before: number };

export interface ForgetSummary {
  /** Items with verdicts that are forgotten now, and dead letters. */
  readonly forgotten: number;
  readonly dead: number;
  /** Ids that were forgotten before, and ids of which nothing was ever known. */
  readonly already: number;
  readonly unknown: number;
  /** Pictures that were taken out of the folder. */
  readonly media: number;
  /** Pictures of forgotten items that lie where they came from, outside the folder, and stay there. */
  readonly elsewhere: number;
}

interface Going {
  readonly items: readonly number[];
  readonly dead: readonly { readonly seq: number; readonly id: string }[];
  /** All that were named, whether they are known or not. */
  readonly ids: readonly string[];
  /** Those of them without a row, where rows were pruned. */
  readonly pruned: readonly string[];
  readonly already: number;
  readonly unknown: number;
}

/**
 * Killed at any time it leaves a folder that is whole; the same call again does the rest.
 * @param dry whether only to look. @throws SluiceError SLUICE_E_NOT_FOUND (no run in DIR), SLUICE_E_BUSY (somebody writes to it, or reads on while it is cleaned), SLUICE_E_DISK_FULL
 */
export function forget(dir: string, what: Forgotten, dry: boolean): Promise<ForgetSummary> {
  return closing(async (later) => {
    // A folder without a run is not to become one. Who goes on reading would hold on to what is taken out.
    openReader(dir).close();
    const store = openStore(dir);
    later(() => store.close());
    const leaver = store.leaver();
    const going = look(leaver, what);
    const { already, unknown } = going;
    if (dry) return { forgotten: going.items.length, dead: going.dead.length, already, unknown, media: 0, elsewhere: 0 };
    const { media, elsewhere } = await takeOut(dir, going, store, leaver);
    // What was prepared for another model may hold them as well.
    removeReembedded(dir);
    store.scrub();
    return { forgotten: going.items.length, dead: going.dead.length, already, unknown, media, elsewhere };
  });
}

function look(leaver: Leaver, what: Forgotten): Going {
  if ('stream' in what) return { items: leaver.before(what.stream, what.before), dead: [], ids: [], pruned: [], already: 0, unknown: 0 };
  const ids = [...new Set(what.ids)];
  const items = ids.flatMap((id) => leaver.seqOf(id) ?? []);
  const dead = ids.flatMap((id) => leaver.deadOf(id).map((seq) => ({ seq, id })));
  const other = ids.filter((id) => leaver.seqOf(id) === null && leaver.deadOf(id).length === 0);
  const already = other.filter((id) => leaver.isGone(id)).length;
  return { items: items.sort((a, b) => a - b), dead, ids, pruned: leaver.somePruned ? other.filter((id) => !leaver.isGone(id)) : [], already, unknown: other.length - already };
}

async function takeOut(dir: string, { items, dead, ids, pruned }: Going, store: SqliteStore, leaver: Leaver): Promise<Pick<ForgetSummary, 'media' | 'elsewhere'>> {
  const pictures = new MediaFolder(dir);
  const engine = openEngine(store);
  let [media, elsewhere] = [0, 0];
  for (let at = 0; at < Math.max(items.length, Math.sign(dead.length + pruned.length)); at += AT_ONCE) {
    const chunk = items.slice(at, at + AT_ONCE).map((seq) => leaver.item(seq));
    leaver.choose(chunk, at === 0 ? dead : [], at === 0 ? pruned : []);
    const digests = [...new Set(chunk.map(({ digest }) => digest))];
    const shared = leaver.shared(digests);
    // Before their rows: of a row that is gone nobody would know which file it had.
    media += pictures.remove(digests.filter((digest) => !shared.has(digest)));
    elsewhere += chunk.filter(({ uri, digest }) => !isKept(uri, digest) && existsSync(uri)).length;
    const named = new Set([...(at === 0 ? ids : []), ...chunk.map(({ id }) => id)]);
    const recut = await leaver.recut();
    engine?.forget({ items: chunk.flatMap((item) => leavingOf(item, store)), ids: named, others: (cluster) => leaver.others(cluster, RENEWED_FROM) }, store.nextSeq - 1);
    store.forget(batchOf(engine, store), leaver, recut);
  }
  return { media, elsewhere };
}

/** Where nothing was decided there is no state to speak of. */
function openEngine(store: SqliteStore): Engine | null {
  const config = store.lastRun()?.config;
  if (config === undefined) throw new SluiceError('SLUICE_E_NOT_FOUND', `${store.dir} holds no run.`);
  const dimension = store.dimension();
  // What was looked at of objects is in the state, whether or not it still is.
  return dimension === null ? null : engineOf(store, { ...config, objects: 'auto' }, dimension);
}

/** The engine holds nothing of a frame that was rejected unseen. */
function leavingOf({ seq, id, stream, verdict, cluster }: StoredDecision, store: SqliteStore): readonly Leaving[] {
  return cluster === null ? [] : [{ seq, id, stream, admitted: verdict === 'admit', cluster, embedding: store.embedding(seq) }];
}

function batchOf(engine: Engine | null, store: SqliteStore): Batch {
  return engine === null ? { ...NOTHING_DECIDED, changes: [], unspent: store.totals().unspent, clusters: { live: 0, cold: 0 } } : eventBatch(engine);
}
