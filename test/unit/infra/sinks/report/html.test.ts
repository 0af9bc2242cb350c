import { describe, expect, it } from 'vitest';
import { escape, html, scriptJson } from '../../../../../infra/sinks/report/html.ts';

describe('html', () => {
  it('escapes what is put in, in content and in attributes', () => {
    const name = `<img src=x onerror="alert(1)" alt='\`'>&`;
    expect(html`<p title="${name}">${name}</p>`.markup).toBe(
      '<p title="&lt;img src=x onerror=&quot;alert(1)&quot; alt=&#39;&#96;&#39;&gt;&amp;">&lt;img src=x onerror=&quot;alert(1)&quot; alt=&#39;&#96;&#39;&gt;&amp;</p>',
    );
  });

  it('leaves markup alone that templates made, also in lists', () => {
    const items = ['<a>', 'b'].map((name) => html`<li>${name}</li>`);
    expect(html`<ul>${items}</ul>${null}${false}${3}`.markup).toBe('<ul><li>&lt;a&gt;</li><li>b</li></ul>3');
  });

  it('shows control characters and marks that turn the direction of writing instead of obeying them', () => {
    expect(escape('a\u0000b\u202egpj.exe\u2066\u0085')).toBe('a\ufffdb\ufffdgpj.exe\ufffd\ufffd');
    expect(escape('tab\tand\nline, ä, 猫')).toBe('tab\tand\nline, ä, 猫');
  });
});

describe('scriptJson', () => {
  it('never ends its script element, and reads back as it was', () => {
    const value = { label: '</script><script>alert(1)</script><!--', line: 'a\u2028b\u2029c', half: '\ud800' };
    const text = scriptJson(value);
    expect(text).not.toMatch(/[<\u2028\u2029]/);
    expect(JSON.parse(text)).toEqual(value);
  });
});
