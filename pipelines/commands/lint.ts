/** `sluice lint`: the faults of configuration files, each as file:line:column, or the schema they are checked against. */
import { SluiceError } from '../../schemas/errors.ts';
import { casesSpec, readCases } from '../config/cases/spec.ts';
import { editorSchema } from '../config/json-schema.ts';
import { camerasSpec } from '../config/cameras.ts';
import { readAnyPipeline } from '../config/kinds.ts';
import { pipelineSpec } from '../config/pipeline.ts';
import type { Environment } from '../config/yaml/variables.ts';
import { printable, printLines } from './printable.ts';

export type SchemaKind = 'pipeline' | 'cameras' | 'test';

const SCHEMAS: Readonly<Record<SchemaKind, () => unknown>> = {
  pipeline: () => editorSchema(pipelineSpec('.'), 'Pipeline of Sluice'),
  cameras: () => editorSchema(camerasSpec('.'), 'Pipeline of Sluice over cameras'),
  test: () => editorSchema(casesSpec('.'), 'Config tests of Sluice'),
};

export function lintCommand(files: readonly string[], { schema }: { schema?: SchemaKind }): void {
  if (schema !== undefined) {
    printLines([JSON.stringify(SCHEMAS[schema](), null, 2)]);
    return;
  }
  if (files.length === 0) throw new SluiceError('SLUICE_E_USAGE', 'name the files to check, or give --schema');
  const faults = files.flatMap((file) => faultsOf(file, process.env));
  printLines(faults.map(printable));
  if (faults.length > 0) process.exitCode = 78;
}

/** A line each. */
export function faultsOf(file: string, env: Environment): readonly string[] {
  try {
    if (/\.test\.ya?ml$/.test(file)) readCases(file);
    else readAnyPipeline(file, env);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || thrown.code !== 'SLUICE_E_CONFIG_INVALID') throw thrown;
    return thrown.message.split('\n');
  }
}
