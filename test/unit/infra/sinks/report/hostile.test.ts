import { expect, it } from 'vitest';
import type { Decision } from '../../../../../schemas/decision.ts';
import { makeDecisions, memoryReader, RUN } from '../../../../support/reader.ts';
import { island, written } from './written.ts';
import { someAlert } from '../../../../support/alerts.ts';

const EVIL = [`<img src=x onerror="window.pwned=1">.jpg`, '</script><script>window.pwned=1</script>', `"><svg onload=window.pwned=1>`, `' onmouseover='window.pwned=1`, '<!--slot:script-->', '${window.pwned=1}', '</style><script>window.pwned=1</script>'];

it('takes no name, label or cause for markup, wherever it stands', async () => {
  const evil = (seq: number): string => EVIL[seq % EVIL.length] ?? '';
  const decisions = (await makeDecisions({ items: 80 })).map((d): Decision => ({
    ...d,
    id: `${evil(d.seq)}${d.seq}`,
    stream: evil(d.seq + 1),
    label: d.seq % 2 === 0 ? evil(d.seq + 2) : [{ class: evil(d.seq + 2), bbox: [0, 0, 1, 1] }],
    reasons: [{ code: evil(d.seq + 3), value: 1, threshold: 0 }],
    suspicion: 0.9,
    objects: [{ index: 0, class: `${evil(d.seq)}\u0000\u202e\u001b[31m`, bbox: [0, 0, 300, 200], cluster: 1, share: 0.1, suspicion: 0.9, suggested: evil(d.seq + 1), faults: ['outside', 'duplicate', 'implausible'] }],
    nearest: d.seq === 0 ? null : { id: `${evil(0)}0`, similarity: 0.5 },
  }));
  const dead = EVIL.map((text, i) => ({ seq: 90 + i, id: text, code: text, cause: text }));
  const alerts = [someAlert({ kind: EVIL[1] ?? '', exemplars: [`${evil(0)}0`], streams: EVIL })];
  const config = { ...RUN, source: EVIL[0] ?? '', policy: EVIL[1] ?? '', model: EVIL[2] ?? '', budget: EVIL[0] ?? '', fit: EVIL[3] ?? '', reveal: EVIL[4] ?? '' };
  const { html } = await written(memoryReader({ decisions, dead, alerts, dir: EVIL[1] ?? '', runs: [{ seq: 0, config }, { seq: 5, config: { ...config, seed: 1 } }] }));

  // What is left of the page without its own data and script holds no element that the names could have made.
  const own = /<script>\(\(\) => \{[^]*?<\/script>/;
  expect(html.match(/<script/g)).toHaveLength(5);
  const body = html.replaceAll(/<script type="application\/json"[^]*?<\/script>/g, '').replace(own, '');
  expect(body).not.toMatch(/<script|<img|<svg o|<\/style>[^]*<\/style>/);
  const tags = body.match(/<[a-z][^>]*>/g) ?? [];
  expect(tags.length).toBeGreaterThan(500);
  expect(tags.filter((tag) => / on[a-z]+\s*=/.test(tag.replaceAll(/"[^"]*"/g, '""')))).toEqual([]);
  expect(body).toContain('&lt;img src=x onerror=&quot;window.pwned=1&quot;&gt;.jpg');
  // Of what cannot be seen nothing is left in the text.
  expect(body).toMatch(/&lt;\/script&gt;&lt;script&gt;window.pwned=1&lt;\/script&gt;\ufffd\ufffd\ufffd\[31m/);
  expect(html).not.toMatch(/[\u0000\u001b]/);
  const { classes } = JSON.parse(island(html, 'objects')) as { classes: string[] };
  expect(classes).toContain(`${EVIL[1]}\u0000\u202e\u001b[31m`);
  const points = JSON.parse(island(html, 'points')) as { ids: string[] };
  expect(points.ids).toEqual(decisions.map((d) => d.id));
});

it('stays small where names of classes are huge or an image shows hundreds of them', async () => {
  const huge = (seq: number): string => `${seq}${'L'.repeat(100)}${'🦄'.repeat(100_000)}`;
  const decisions = (await makeDecisions({ items: 40 })).map((d): Decision => ({
    ...d,
    label: d.seq % 3 === 0 ? huge(d.seq) : d.seq % 3 === 1 ? [{ class: huge(d.seq), bbox: [0, 0, 1, 1] }] : Array.from({ length: 1000 }, (_, i) => ({ class: `class ${d.seq} ${i}`, bbox: [0, 0, 1, 1] })),
    suspicion: 0.9,
    objects: [{ index: 0, class: huge(d.seq), bbox: [0, 0, 300, 200], cluster: 1, share: 0.1, suspicion: 0.9, suggested: huge(d.seq + 1), faults: ['outside'] }],
  }));
  const { html } = await written(memoryReader({ decisions }));
  expect(html).not.toMatch(/🦄{11}/u);
  expect(html.isWellFormed()).toBe(true);
  expect(html).toContain(`0${'L'.repeat(100)}`);
  expect(html).toContain('and 976 more classes');
  // A class is still one of its own, however long the part of its name that it shares with others.
  const alike = await written(memoryReader({ decisions: decisions.map((d, i) => ({ ...d, label: `${'L'.repeat(1000)}${i % 5}`, objects: [] })) }));
  expect(alike.html.match(/data-show="kind"/g)).toHaveLength(5);
});
