/** A process of its own that reads a source to its end: how many entries it has, and the most memory that took (bytes). */
import { openSource } from '../../../../infra/sources/open.ts';

const [location = '', format] = process.argv.slice(2);
const source = await openSource(location, { format });
let [entries, bad] = [0, 0];
for (let some = await source.next(64); some.length > 0; some = await source.next(64)) {
  entries += some.length;
  bad += some.filter((entry) => 'error' in entry).length;
}
await source.close();
console.log(JSON.stringify({ entries, bad, memory: process.resourceUsage().maxRSS * 1024 }));
