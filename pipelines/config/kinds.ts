/** A pipeline file of either kind: what its source is tells by which spec it is read. */
import { dirname, resolve } from 'node:path';
import { type CamerasConfig, camerasSpec } from './cameras.ts';
import { parsePipeline, type PipelineConfig } from './pipeline.ts';
import { parseConfig, readText } from './read.ts';
import { YamlFile } from './yaml/document.ts';
import type { Environment } from './yaml/variables.ts';

export type AnyPipeline = { readonly kafka: PipelineConfig; readonly cameras?: undefined } | { readonly cameras: CamerasConfig; readonly kafka?: undefined };

/** @param env for `${VAR}`. @throws SluiceError SLUICE_E_CONFIG_INVALID listing all faults */
export function readAnyPipeline(file: string, env: Environment): AnyPipeline {
  const text = readText(file, 'pipeline file');
  return isOfCameras(text, env) ? { cameras: parseCameras(text, file, env) } : { kafka: parsePipeline(text, file, env) };
}

export function parseCameras(text: string, file: string, env: Environment): CamerasConfig {
  return parseConfig(camerasSpec(dirname(resolve(file))), text, file, env);
}

function isOfCameras(text: string, env: Environment): boolean {
  const yaml = new YamlFile(text, env);
  return yaml.faults.length === 0 && yaml.valueAt(['source', 'cameras']) !== undefined;
}
