/** The pictures of an output folder by another model: as far as they are still there, each is read and embedded once more, while runs may go on. */
import { existsSync } from 'node:fs';
import type { Embeddings } from '../../infra/embeddings/read.ts';
import { unitLength } from '../../infra/sources/with-embeddings.ts';
import { picturesAgain } from '../../infra/sources/again.ts';
import type { Reembedded, ReembeddedStore } from '../../infra/store/reembedded.ts';
import type { Reader, StoredDecision } from '../../infra/store/types.ts';
import { isAlive, type Numbered } from '../../operators/items.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { prepareBatch, type PrepareParts } from '../prepare.ts';
import { ticker } from '../progress.ts';

/** Pictures embedded and kept in one go. */
const BATCH = 256;

export interface AgainParts extends PrepareParts {
  /** Embeddings that are given in place of a model; null without. */
  readonly given: Embeddings | null;
  readonly signal: AbortSignal;
  readonly say: NodeJS.WriteStream;
}

/**
 * Embeds what `kept` lacks, until there is nothing new.
 * @throws SluiceError SLUICE_E_INTERRUPTED; what was embedded is kept
 */
export async function embedAgain(reader: Reader, kept: ReembeddedStore, parts: AgainParts): Promise<{ readonly embedded: number; readonly gone: number }> {
  let [embedded, gone] = [0, 0];
  const shown = ticker(parts.say, () => `${embedded} of ${reader.totals().decided} pictures embedded again`);
  const put = (made: readonly Reembedded[], lost: readonly number[]): void => {
    kept.put(made, lost);
    embedded += made.length;
    gone += lost.length;
    shown.tick();
    if (parts.signal.aborted) throw new SluiceError('SLUICE_E_INTERRUPTED', `stopped after ${embedded} pictures; they are kept, and the same command goes on from there`);
  };
  /** By their sources, those that are no files. */
  const elsewhere = new Map<string, Map<string, number>>();
  try {
    for (let from = 0; ; ) {
      const page = reader.decisionsFrom(from, BATCH);
      const [runs, last] = [reader.runs(), page.at(-1)];
      if (last === undefined) break;
      from = last.seq + 1;
      const sought = page.filter(({ seq, cluster }) => cluster !== null && !kept.has(seq));
      const { made, missing } = parts.given === null ? await fromFiles(sought, parts) : fromGiven(sought, parts.given);
      for (const { seq, id } of missing) {
        const source = runs.findLast((run) => run.seq <= seq)?.config.source ?? '';
        elsewhere.set(source, (elsewhere.get(source) ?? new Map<string, number>()).set(id, seq));
      }
      put(made, []);
      // Lets go of the state that was read: a run beside this one could not tidy up behind it.
      reader.refresh();
    }
    for (const [source, seqs] of elsewhere) {
      if (parts.given === null) await fromSource(source, seqs, reader, parts, (made) => put(made, []));
      put([], [...seqs.values()].filter((seq) => !kept.has(seq)));
    }
  } finally {
    shown.end(true);
  }
  return { embedded, gone };
}

interface Found {
  readonly made: readonly Reembedded[];
  readonly missing: readonly StoredDecision[];
}

async function fromFiles(sought: readonly StoredDecision[], parts: AgainParts): Promise<Found> {
  const made = await embed(sought.filter(({ uri }) => existsSync(uri)).map((decision) => ({ decision })), parts);
  const there = new Set(made.map(({ seq }) => seq));
  return { made, missing: sought.filter(({ seq }) => !there.has(seq)) };
}

function fromGiven(sought: readonly StoredDecision[], given: Embeddings): Found {
  const made: Reembedded[] = [];
  const missing: StoredDecision[] = [];
  for (const decision of sought) {
    const vector = given.of(decision.id);
    const embedding = vector === null ? null : unitLength(vector);
    if (embedding === null) missing.push(decision);
    else made.push({ seq: decision.seq, embedding, objects: [], background: null });
  }
  return { made, missing };
}

/** Reads a source once more and embeds what is sought of it. */
async function fromSource(source: string, seqs: ReadonlyMap<string, number>, reader: Reader, parts: AgainParts, put: (made: readonly Reembedded[]) => void): Promise<void> {
  let pictures: { readonly decision: StoredDecision; readonly bytes: Uint8Array }[] = [];
  const wanted = new Map<string, string>();
  for (const id of seqs.keys()) wanted.set(id, reader.decision(id)?.digest ?? '');
  for await (const { id, bytes } of picturesAgain(source, wanted)) {
    const decision = reader.decision(id);
    if (decision !== null) pictures.push({ decision, bytes });
    if (pictures.length < BATCH) continue;
    put(await embed(pictures, parts));
    pictures = [];
    reader.refresh();
  }
  put(await embed(pictures, parts));
}

/** What cannot be read any more, or is another picture by now, is left out. */
async function embed(pictures: readonly { readonly decision: StoredDecision; readonly bytes?: Uint8Array }[], parts: AgainParts): Promise<readonly Reembedded[]> {
  const digests = new Map(pictures.map(({ decision }) => [decision.seq, decision.digest]));
  const entries = pictures.map(({ decision, bytes }): Numbered => {
    const { seq, id, uri, stream, time, label } = decision;
    return { seq, sample: { id, uri, stream, time, label, origin: null }, ...(bytes === undefined ? {} : { bytes }) };
  });
  if (entries.length === 0) return [];
  const items = (await prepareBatch(parts, entries)).filter(isAlive);
  return items.filter(({ seq, digest }) => digest === digests.get(seq)).map(({ seq, embedding, objects, background }) => ({ seq, embedding, objects, background: background ?? null }));
}
