/** What the map holds of each item, in columns that the page reads as they are: about 90 bytes an item and its id. */
import type { StoredDecision } from '../../../store/types.ts';
import { hash01 } from '../projection/vectors.ts';
import { Column } from './column.ts';
import { labelText, mainClass } from './labels.ts';
import { Names } from './names.ts';

/** Above this the map shows a sample, so that neither the page nor its making grows without end. */
const MOST_POINTS = 100_000;
/** Stands for "none" in columns of 16 bits. */
const NONE = 65_535;
const SALT = 11;

export class Points {
  readonly ids: string[] = [];
  readonly seq = new Column(Uint32Array);
  /** Bit 0 admitted, bit 1 to be reviewed. */
  readonly flags = new Column(Uint8Array);
  readonly stream = new Column(Uint16Array);
  /** Main class, for colour. */
  readonly kind = new Column(Uint16Array);
  /** The label in full. */
  readonly label = new Column(Uint16Array);
  readonly cluster = new Column(Uint32Array);
  /** 0..254, 255 where there is none. */
  readonly suspicion = new Column(Uint8Array);
  /** NaN where there is none. */
  readonly time = new Column(Float64Array);
  /** Index of the nearest kept item, -1 where it is not on the map. */
  readonly nearest = new Column(Int32Array);
  readonly similarity = new Column(Float32Array);
  /** Where the reasons of each point end in the three columns that follow. */
  readonly reasonEnd = new Column(Uint32Array);
  readonly reasonCode = new Column(Uint8Array);
  readonly reasonValue = new Column(Float32Array);
  readonly reasonThreshold = new Column(Float32Array);
  readonly streams = new Names(NONE);
  readonly kinds = new Names(NONE);
  readonly labels = new Names(NONE);
  readonly codes = new Names(256);
  readonly #rate: number;
  readonly #admitted = new Map<string, number>();

  /** @param expected how many decisions are going to be added */
  constructor(expected: number) {
    this.#rate = expected > MOST_POINTS ? MOST_POINTS / expected : 1;
  }

  get length(): number {
    return this.ids.length;
  }

  /** What was rejected unseen has neither a place on the map nor a picture. */
  add(decision: StoredDecision): void {
    if (decision.cluster === null) return;
    if (this.#rate < 1 && hash01(decision.seq, SALT) >= this.#rate) return;
    const { label, nearest } = decision;
    const admitted = decision.verdict === 'admit';
    // The nearest kept item came earlier, so it is known by now.
    this.nearest.push(nearest === null ? -1 : (this.#admitted.get(nearest.id) ?? -1));
    this.similarity.push(nearest?.similarity ?? Number.NaN);
    if (admitted) this.#admitted.set(decision.id, this.ids.length);
    this.ids.push(decision.id);
    this.seq.push(decision.seq);
    this.flags.push((admitted ? 1 : 0) + (decision.review ? 2 : 0));
    this.stream.push(this.streams.number(decision.stream));
    const kind = mainClass(label);
    this.kind.push(kind === null ? NONE : this.kinds.number(kind));
    const text = labelText(label);
    this.label.push(text === null ? NONE : this.labels.number(text));
    this.cluster.push(decision.cluster);
    this.suspicion.push(decision.suspicionNow === null ? 255 : Math.round(Math.min(1, Math.max(0, decision.suspicionNow)) * 254));
    this.time.push(decision.time ?? Number.NaN);
    for (const reason of decision.reasons) {
      this.reasonCode.push(this.codes.number(reason.code));
      this.reasonValue.push(reason.value);
      this.reasonThreshold.push(reason.threshold);
    }
    this.reasonEnd.push(this.reasonCode.length);
  }
}
