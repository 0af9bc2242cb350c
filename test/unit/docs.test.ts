/** The reference pages say what the code says. `UPDATE_DOCS=1 npm test -- test/unit/docs.test.ts` writes them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pipelinePage } from '../../pipelines/config/docs-pipeline.ts';
import { camerasPage } from '../../pipelines/config/docs-cameras.ts';
import { errorsPage, policyPage, reasonsPage } from '../../pipelines/config/docs.ts';

test.each([
  ['cameras', camerasPage()],
  ['errors', errorsPage()],
  ['pipeline', pipelinePage()],
  ['policy', policyPage()],
  ['reasons', reasonsPage()],
])('docs/%s.md', (name, text) => {
  const file = new URL(`../../docs/${name}.md`, import.meta.url);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
