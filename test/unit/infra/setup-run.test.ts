import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('finds what only an administrator has, also from a shell whose PATH lacks it', () => {
  const module = fileURLToPath(new URL('../../../infra/setup/run.mjs', import.meta.url));
  const script = `const { run } = await import(${JSON.stringify(module)}); const { code } = await run('ldconfig', ['-p']); process.stdout.write(String(code));`;
  const env = { ...process.env, PATH: '/usr/bin:/bin' };
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' })).toBe('0');
});
