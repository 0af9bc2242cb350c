/** `sluice version DIR [NAME]`: what is admitted gets a name, or the names there are. */
import { openReader } from '../../infra/store/reader.ts';
import type { Version } from '../../infra/store/types.ts';
import { makeVersion } from '../../infra/store/versions.ts';
import { printable, printLines } from './printable.ts';
import { reading } from './read.ts';

export function versionCommand(dir: string, name: string | undefined, { json }: { json: boolean }): void {
  if (name === undefined) return printLines(reading(dir, (reader) => versionLines(reader.versions(), json)));
  // A folder without a run is not to become one.
  openReader(dir).close();
  const { version, added } = makeVersion(dir, name, Date.now());
  if (!added) process.stderr.write(`version ${name} is there already, of the same items and labels\n`);
  printLines(versionLines([version], json));
}

export function versionLines(versions: readonly Version[], json: boolean): readonly string[] {
  if (json) return versions.map(({ made, ...version }) => JSON.stringify({ ...version, made: new Date(made).toISOString() }));
  return versions.map(({ name, after, made, admitted, labelled, digest }) => printable(`${name}  ${new Date(made).toISOString()}  ${admitted} admitted, ${labelled} with labels, up to item ${after}, ${digest.slice(0, 12)}`));
}
