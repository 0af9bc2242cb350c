/** `sluice schemas check`: whether every version of every schema reads what every other wrote; exit 1 where one does not. */
import { readAllVersions, readFingerprints, SCHEMA_FOLDER } from '../../schemas/avro/files.ts';
import { schemaFaults } from '../../schemas/compatibility.ts';
import { printLines } from './printable.ts';

/** @param folder with `<subject>/<version>.avsc` and `fingerprints.json` */
export function schemasCheckCommand(folder = SCHEMA_FOLDER): void {
  const subjects = readAllVersions(folder);
  const faults = schemaFaults(subjects, readFingerprints(folder));
  if (faults.length === 0) {
    const versions = [...subjects.values()].reduce((sum, { size }) => sum + size, 0);
    return printLines([`${subjects.size} subjects, ${versions} versions, full transitive compatible`]);
  }
  printLines(faults.map(({ subject, cause }) => `${subject}: ${cause}`));
  process.exitCode = 1;
}
