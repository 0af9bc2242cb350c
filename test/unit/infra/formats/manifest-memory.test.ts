import { cell } from './cell.ts';
import { expectBounded } from './memory.ts';

cell('jsonl', 'bounded memory', () => {
  const label = JSON.stringify(Array.from({ length: 60 }, (_, i) => ({ class: `class ${i % 5}`, bbox: [i + 0.25, 10.5, 40.5, 80.125] })));
  expectBounded({ name: 'large.jsonl', head: '', item: (i) => `{"path":"${i}.jpg","label":${label}}\n`, tail: '', items: [4000, 45_000] });
}, 120_000);

cell('csv', 'bounded memory', () => {
  const unread = 'x'.repeat(2000);
  expectBounded({ name: 'large.csv', head: 'path,label,notes\n', item: (i) => `${i}.jpg,class ${i % 5},"${unread}"\n`, tail: '', items: [10_000, 65_000] });
}, 120_000);
