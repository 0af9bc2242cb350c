/** Files that users start from and nothing here runs: they are YAML, and what they say of Sluice is so. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments, parse } from 'yaml';
import { parseCameras } from '../../pipelines/config/kinds.ts';
import { parsePipeline } from '../../pipelines/config/pipeline.ts';
import { program } from '../../pipelines/program.ts';
import { ERRORS } from '../../schemas/errors.ts';

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const commands = program().commands.map((command) => command.name());

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
}

interface Deployment {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [{ readonly args: readonly string[]; readonly ports: readonly [{ readonly containerPort: number }] }] } } };
}

interface Scaled {
  readonly spec: { readonly triggers: readonly [{ readonly metadata: Readonly<Record<string, string>> }] };
}

describe('compose.yaml', () => {
  const { services } = parse(read('compose.yaml')) as { services: Readonly<Record<'kafka' | 'topics' | 'worker', Service>> };

  test('starts commands there are, with the pipeline that is mounted, and its broker', () => {
    const config = parsePipeline(read('examples/pipeline.yaml'), 'pipeline.yaml', services.worker.environment ?? {});
    expect(config.source.kafka.brokers).toEqual(['kafka:19092']);
    expect(services.kafka.environment?.['KAFKA_ADVERTISED_LISTENERS']).toContain('INSIDE://kafka:19092');
    for (const { command, volumes } of [services.topics, services.worker]) {
      expect(commands).toContain(command?.[0]);
      expect(volumes).toContain(`./examples/pipeline.yaml:${command?.[1]}:ro`);
    }
  });

  test('its broker is where the pipeline looks for it from outside', () => {
    const [broker = ''] = parsePipeline(read('examples/pipeline.yaml'), 'pipeline.yaml', {}).source.kafka.brokers;
    expect(services.kafka.environment?.['KAFKA_ADVERTISED_LISTENERS']).toContain(`OUTSIDE://${broker}`);
  });
});

test('examples/cameras.compose.yaml runs the example of cameras: its places are mounted, its variables set, its output in the volume that its user may write to', () => {
  const { services, secrets, volumes } = parse(read('examples/cameras.compose.yaml')) as { services: Readonly<Record<'cameras', Service & { readonly secrets: readonly string[]; readonly ports: readonly string[] }>>; secrets: object; volumes: object };
  const { command, environment = {}, volumes: mounts, secrets: given, ports } = services.cameras;
  const file = command?.[1] ?? '';
  const defaults = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.replace(/^\$\{\w+:-(.*)\}$/, '$1')]));
  const cameras = parseCameras(read('examples/cameras.yaml'), file, defaults);
  expect(commands).toContain(command?.[0]);
  expect(mounts).toEqual([`./cameras.yaml:${file}:ro`, `./line-1:${cameras.source.cameras.find(({ folder }) => folder !== undefined)?.folder}:ro`, `${Object.keys(volumes)[0]}:/var/lib/sluice`]);
  expect([cameras.out, cameras.alerts[0]?.jsonl]).toEqual(['/var/lib/sluice/yard', '/var/lib/sluice/yard/alerts.jsonl']);
  expect(read('Dockerfile')).toMatch(/install -d -o 10001 -g 10001 \/var\/lib\/sluice\n(.*\n)+USER 10001/);
  expect([given, Object.keys(secrets)]).toEqual([['gate'], ['gate']]);
  expect(cameras.source.cameras[0]?.password).toEqual({ file: '/run/secrets/gate' });
  for (const [, name = ''] of read('examples/cameras.yaml').matchAll(/\{ env: (\w+) \}/g)) expect(Object.keys(environment)).toContain(name);
  expect([cameras.http.host, ports]).toEqual(['0.0.0.0', [`127.0.0.1:${cameras.http.port}:${cameras.http.port}`]]);
});

test('examples/kubernetes/worker.yaml runs a good pipeline and is scaled by the lag of its group', () => {
  const documents = parseAllDocuments(read('examples/kubernetes/worker.yaml'));
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  const [map, deployment, scaled] = documents.map((document) => document.toJS() as unknown) as [{ data: Record<string, string> }, Deployment, Scaled];
  const { name, source, http } = parsePipeline(map.data['pipeline.yaml'] ?? '', 'pipeline.yaml', {});
  const [{ args, ports }] = deployment.spec.template.spec.containers;
  expect(commands).toContain(args[0]);
  expect(ports[0].containerPort).toBe(http.port);
  // Probes come from outside of the container.
  expect(http.host).toBe('0.0.0.0');
  expect(scaled.spec.triggers[0].metadata).toMatchObject({ consumerGroup: name, topic: source.kafka.topic, bootstrapServers: source.kafka.brokers[0] });
});

test('examples/systemd/sluice@.service starts a command there is, and is not started again for what no restart mends', () => {
  const unit = read('examples/systemd/sluice@.service');
  const [, words = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
  const [node, cli = '', command, file] = words.split(' ');
  expect([node, command, file]).toEqual(['/opt/sluice/node_modules/.bin/node', expect.toSatisfy((name: string) => commands.includes(name)), '/etc/sluice/%i.yaml']);
  expect(existsSync(new URL(`../../${cli.replace('/opt/sluice/', '')}`, import.meta.url))).toBe(true);
  const [, codes = ''] = /^RestartPreventExitStatus=(.*)$/m.exec(unit) ?? [];
  expect(codes.split(' ').map(Number)).toEqual([2, ERRORS.SLUICE_E_CONFIG_INVALID.exit]);
});

test('the documents show the example of a pipeline of one\'s own as it is', () => {
  expect(read('docs/library.md')).toContain(`\`\`\`ts\n${read('examples/library/curate.ts').trimEnd()}\n\`\`\``);
});
