import { cell } from './cell.ts';
import { expectBounded } from './memory.ts';

cell('coco', 'bounded memory', () => {
  const shape = JSON.stringify([Array.from({ length: 60 }, (_, i) => 100 + (i * 7.25) % 300)]);
  // Annotations first, and not in the order of their images.
  const annotation = (i: number): string => `{"id":${i},"image_id":${(i * 7919) % 5000},"category_id":1,"bbox":[10.5,20.25,30,40],"area":1200,"iscrowd":0,"segmentation":${shape}}`;
  const images = Array.from({ length: 5000 }, (_, i) => `{"id":${i},"file_name":"${i}.jpg","width":640,"height":480}`).join(',\n');
  expectBounded({ name: 'large.json', head: '{"annotations":[\n', item: (i) => `${i === 0 ? '' : ',\n'}${annotation(i)}`, tail: `],"images":[${images}],"categories":[{"id":1,"name":"cat"}]}`, items: [100_000, 400_000], entries: 5000 });
}, 180_000);
