/**
 * Runs a config test: the operators and the engine of a pipeline, over made-up embeddings.
 *
 *     items → recall → arrive → cluster → audit → decide → alert
 */
import { bufferCount, concatMap, from, lastValueFrom, toArray } from 'rxjs';
import { alert } from '../../../operators/alert.ts';
import { arrive } from '../../../operators/arrive.ts';
import { audit } from '../../../operators/audit.ts';
import { cluster } from '../../../operators/cluster.ts';
import { decide } from '../../../operators/decide.ts';
import { type Decided, type Embedded, isAlive } from '../../../operators/items.ts';
import { recall } from '../../../operators/recall.ts';
import { Engine } from '../../../operators/state/engine.ts';
import { engineSettings } from '../engine-settings.ts';
import type { PipelineConfig } from '../pipeline.ts';
import { ExactIndex } from './exact-index.ts';
import { embeddedItems } from './items.ts';
import { type Case, type CaseItem, DIMENSION } from './spec.ts';

/** @returns what is not as expected, a sentence each */
export async function runCase(config: PipelineConfig, { items, admitted }: Case): Promise<readonly string[]> {
  const given = [...embeddedItems(items)];
  const decided = await decideAll(config, given.map(({ embedded }) => embedded));
  const failures = decided.flatMap((item, i) => differences(given[i]?.item, item));
  const count = decided.filter(({ judgement }) => judgement.verdict === 'admit').length;
  const { min = 0, max = Infinity } = admitted;
  if (count < min || count > max) failures.push(`expected ${max === Infinity ? `at least ${min}` : `${min} to ${max}`} items admitted, got ${count}`);
  return failures;
}

async function decideAll(config: PipelineConfig, items: readonly Embedded[]): Promise<readonly Decided[]> {
  const engine = new Engine(engineSettings(config, DIMENSION));
  const recalled = recall(new ExactIndex(DIMENSION), engine.memory);
  const batches = from(items).pipe(
    bufferCount(config.source.kafka.batch),
    concatMap((batch) => from(batch).pipe(recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine))),
    toArray(),
  );
  return (await lastValueFrom(batches)).filter(isAlive);
}

function differences(item: CaseItem | undefined, { sample, judgement }: Decided): string[] {
  const { verdict, reason, review } = item?.expect ?? {};
  const [first] = judgement.reasons;
  const got = `${judgement.verdict} (${first?.code}: ${figure(first?.value)} against ${figure(first?.threshold)})`;
  const as: string[] = [];
  if ((verdict !== undefined && verdict !== judgement.verdict) || (reason !== undefined && reason !== first?.code)) {
    as.push(`${sample.id}: expected ${[verdict, reason].filter((word) => word !== undefined).join(', ')}, got ${got}`);
  }
  if (review !== undefined && review !== judgement.review) as.push(`${sample.id}: expected ${review ? 'a review of its label' : 'no review of its label'}`);
  return as;
}

function figure(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toPrecision(3)));
}
