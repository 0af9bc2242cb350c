import { readdirSync, readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { expect, it } from 'vitest';
import { pageScript } from '../../../../../infra/sinks/report/page.ts';

const PAGE = new URL('../../../../../infra/sinks/report/page/', import.meta.url);

it('joins the modules of the page into one script that parses, each file once', () => {
  const script = pageScript();
  expect(() => new Script(script)).not.toThrow();
  expect(script).not.toMatch(/^(import|export)\b/m);
  expect(script).not.toContain('</script');
  const files = readdirSync(PAGE).filter((name) => name.endsWith('.js'));
  expect(files).toContain('app.js');
  for (const name of files) {
    const firstLine = readFileSync(new URL(name, PAGE), 'utf8').split('\n')[0] ?? '';
    expect({ name, times: script.split(firstLine).length - 1 }).toEqual({ name, times: 1 });
  }
});
