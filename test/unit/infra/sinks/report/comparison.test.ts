import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeComparison } from '../../../../../infra/sinks/report/comparison/comparison.ts';
import { makeDecisions, memoryReader } from '../../../../support/reader.ts';

const EVIL = '</title></style><script>window.pwned=1</script><img src=x onerror="window.pwned=1"><!--slot:style-->\u202e';
const SIDES = { recorded: 1, replay: 2, random: NaN };

test('the page of a replay takes no name for markup, and shows the first of many classes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-comparison-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const reader = memoryReader({ decisions: await makeDecisions({ items: 4 }) });
  const file = join(folder, 'page.html');
  const classes = Array.from({ length: 70 }, (_, i) => ({ ...SIDES, random: 0, class: `${EVIL} ${i}`, stream: 9 }));
  await writeComparison(reader, {
    dir: EVIL, decided: 4, both: 1, gainedCount: 3, lostCount: 1, figures: [{ name: EVIL, digits: 3, sides: SIDES }], settings: [{ name: EVIL, recorded: EVIL, replay: EVIL }],
    classes, gained: [{ seq: 0, id: EVIL }, { seq: 99, id: 'without a picture' }], lost: [{ seq: 1, id: EVIL }], notes: [EVIL],
  }, file);
  const page = readFileSync(file, 'utf8');
  expect(page).not.toMatch(/<script|onerror="|\u202e/);
  expect(page.match(/<\/style>/g)).toHaveLength(1);
  expect(page).toContain('&lt;!--slot:style--&gt;');
  expect(page.match(/<img alt="" src="data:image\/jpeg;base64,[\w+/=]+">/g)).toHaveLength(2);
  expect(page).toContain('no picture');
  expect(page).toContain('And 10 more classes');
  expect(page).toContain('<td>1.000</td><td><b>2.000</b></td><td>–</td>');
});
