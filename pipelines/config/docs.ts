/** The reference pages that are made from the code: docs/errors.md, reasons.md and policy.md. That of the pipeline is in docs-pipeline.ts. */
import { ERRORS } from '../../schemas/errors.ts';
import { REASONS } from '../../schemas/reasons.ts';
import { settingRows } from './docs-settings.ts';
import { type JsonSchema, schemaOf } from './json-schema.ts';
import { PolicySpec } from './policy.ts';

export function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(([code, { meaning, next, retriable, exit }]) => `| \`${code}\` | ${meaning} | ${next} | ${retriable ? 'yes' : 'no'} | ${exit} |`);
  return page('Errors', 'Codes of dead letters and of failed commands. A dead letter stays what it is; once the file is mended, the same `curate` with `--retry` tries it again. Those that begin with `SLUICE_E_ANNOTATION_` stop no image: [annotations.md](annotations.md).', ['code', 'meaning', 'what to do', 'trying again can help', 'exit code'], rows);
}

export function reasonsPage(): string {
  const rows = Object.entries(REASONS).map(([code, { sentence, measure, verdict }]) => `| \`${code}\` | ${verdict ?? 'also said'} | ${sentence} | ${measure} |`);
  return page('Reasons', 'The first reason of a verdict decides it; the others tell what else was measured. Each holds a value and the threshold it was held against.', ['code', 'verdict', 'meaning', 'value'], rows);
}

export function policyPage(): string {
  const { targets, ...groups } = schemaOf(PolicySpec).properties ?? {};
  const rows = Object.entries(groups).flatMap(([group, { properties }]) =>
    Object.entries(properties ?? {}).map(([name, field]) => `| \`${group}.${name}\` | ${String(field.default)} | ${range(field)} | ${field.description ?? ''} |`),
  );
  const settings = page('Policy', 'A policy file is YAML with any of these settings: `--policy FILE`. What it leaves out has its default.', ['setting', 'default', 'range', 'meaning'], rows);
  return `${settings}\n${TARGETS}\n\n${table(['setting', 'value', 'default', 'meaning'], settingRows({ properties: targets === undefined ? {} : { targets } }))}\n`;
}

const TARGETS = `## Targets

\`\`\`yaml
targets:
  - class: bicycle
    count: 200
  - stream: gate 3
    share: 0.2
\`\`\`

While less than a target is admitted, the need of what serves it is at least that of a short class and up to 1 higher, by the part that is missing, so it scores higher and draws on the reserve. The budget and what makes an item ineligible stay what they are: a target can stay
short, and the summary and the report say which do. An item whose label is in doubt gets no need, and does not count for its class; where labels come later an item counts when its label does, and before that need follows what the head takes it for. A target that is set later
(\`--change\`) counts from then on. In a Kafka pipeline each partition counts what it admits itself.`;

function range({ minimum, maximum }: JsonSchema): string {
  // A whole number without a bound of its own has the one of all whole numbers.
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? `from ${minimum}` : `${minimum} to ${maximum}`;
}

function page(title: string, text: string, columns: readonly string[], rows: readonly string[]): string {
  return `# ${title}\n\n${text}\n\n${table(columns, rows)}\n`;
}

export function table(columns: readonly string[], rows: readonly string[]): string {
  return `| ${columns.join(' | ')} |\n|${columns.map(() => '---|').join('')}\n${rows.join('\n')}`;
}
