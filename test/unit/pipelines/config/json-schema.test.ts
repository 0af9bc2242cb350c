/** An editor checks a file against the JSON Schema alone: it parses YAML and knows no variables. ajv, by way of fastify, stands for it. */
import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { casesSpec } from '../../../../pipelines/config/cases/spec.ts';
import { editorSchema, namesAt, schemaOf } from '../../../../pipelines/config/json-schema.ts';
import { pipelineSpec } from '../../../../pipelines/config/pipeline.ts';

const server = fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false, allErrors: true } } });
server.post('/pipeline', { schema: { body: editorSchema(pipelineSpec('.'), 'pipeline') }, handler: () => 'good' });
server.post('/test', { schema: { body: editorSchema(casesSpec('.'), 'test') }, handler: () => 'good' });
afterAll(() => server.close());

const example = (name: string): Record<string, unknown> => parse(readFileSync(new URL(`../../../../examples/${name}`, import.meta.url), 'utf8')) as Record<string, unknown>;

/** What an editor would underline, or null. */
async function complaint(kind: 'pipeline' | 'test', value: object): Promise<string | null> {
  const answer = await server.inject({ method: 'POST', url: `/${kind}`, payload: value });
  return answer.statusCode === 200 ? null : answer.json<{ message: string }>().message;
}

describe('the schema of a pipeline', () => {
  const good = example('pipeline.yaml');
  const source = (good['source'] as { kafka: object }).kafka;

  test('takes the example, and a variable wherever a value stands', async () => {
    expect(await complaint('pipeline', good)).toBeNull();
    expect(await complaint('pipeline', { ...good, name: 'p-${SITE}', workers: '${N:2}', sharing: '${SHARING}', budget: { share: '${SHARE}' }, purpose: '${PURPOSE:train}' })).toBeNull();
    expect(await complaint('pipeline', { ...good, source: { kafka: { ...source, tls: '${TLS}', session_timeout: '${T}' } } })).toBeNull();
  });

  test.for([
    ['an unknown setting', { ...good, sources: {} }],
    ['an unknown setting further down', { ...good, source: { kafka: { ...source, group: 'x' } } }],
    ['an unknown weight of the policy', { ...good, policy: { weights: { nois: 1 } } }],
    ['a literal secret', { ...good, source: { kafka: { ...source, sasl: { mechanism: 'plain', username: { env: 'U' }, password: 'hunter2' } } } }],
    ['a secret in two places', { ...good, source: { kafka: { ...source, tls: { ca: { env: 'U', file: 'x' } } } } }],
    ['a bare number for a duration', { ...good, images: { timeout: 10 } }],
    ['a missing setting', { name: 'x' }],
    ['a number that is none', { ...good, workers: 'many' }],
    ['two budgets', { ...good, budget: { share: 0.1, rate: '5/hour' } }],
    ['a word that is none', { ...good, delivery: 'once' }],
  ] as const)('refuses %s', async ([, value]) => {
    expect(await complaint('pipeline', value)).toMatch(/^body/);
  });

  test('says of every value what it is', () => {
    const dumb: string[] = [];
    const visit = (at: string, schema: ReturnType<typeof schemaOf>): void => {
      for (const [name, inner] of Object.entries(schema.properties ?? {})) {
        // A place of a secret, and groups, which speak for themselves.
        if (inner.description === undefined && inner.properties === undefined && name !== 'env' && name !== 'file') dumb.push(`${at}.${name}`);
        for (const one of [inner, ...(inner.anyOf ?? [])]) visit(`${at}.${name}`, one);
      }
    };
    visit('', schemaOf(pipelineSpec('.')));
    expect(dumb).toEqual([]);
  });

  test('is the same wherever it is made', () => {
    expect(JSON.stringify(editorSchema(pipelineSpec('/a'), 'x'))).toBe(JSON.stringify(editorSchema(pipelineSpec('/b'), 'x')));
    expect(editorSchema(pipelineSpec('/a'), 'x')).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', title: 'x' });
  });
});

test('the schema of config tests takes the example and refuses an unknown setting', async () => {
  const good = example('pipeline.test.yaml');
  expect(await complaint('test', good)).toBeNull();
  expect(await complaint('test', { ...good, test: [] })).toMatch(/additional properties/);
  expect(await complaint('test', { ...good, tests: [{ name: 'x', items: [{ id: 'a', expects: {} }] }] })).toMatch(/additional properties/);
});

test('the names at a place, for suggestions', () => {
  const schema = schemaOf(pipelineSpec('.'));
  expect(namesAt(schema, ['source', 'kafka', 'tls'])).toEqual(['ca', 'cert', 'key']);
  expect(namesAt(schema, ['policy', 'budget'])).toEqual(['reserve', 'burst']);
  expect(namesAt(schemaOf(casesSpec('.')), ['tests', 3, 'items', 0, 'expect'])).toEqual(['verdict', 'reason', 'review']);
  expect(namesAt(schema, ['nowhere', 'at', 'all'])).toEqual([]);
});
