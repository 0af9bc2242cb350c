/** Objects of a COCO set in the report of a run, in a real browser: their boxes lie where the picture shows them, and their names stay text. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReader } from '../../infra/store/reader.ts';
import { openBrowser } from '../support/browser.ts';
import { sluice } from '../support/cli.ts';
import { newFolder, newPlace } from '../support/folders.ts';
import { scene } from '../support/images.ts';

const [WIDTH, HEIGHT, COUNT] = [320, 240, 36];
const EVIL = '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">\u0000\u202e';
const CLASSES = [EVIL, 'dots', 'rare'];
/** An image whose box is there twice, one with a box outside, one whose object bears the wrong class, and one with the only object of its class. */
const [TWICE, OUTSIDE, SWAPPED, RARE] = [20, 24, 31, 33];

type Bbox = readonly [number, number, number, number];

/** Dark pictures with one bright object each, of stripes or of dots. */
async function makeSet(): Promise<string> {
  const folder = newFolder();
  const annotations: { id: number; image_id: number; category_id: number; bbox: Bbox }[] = [];
  for (let i = 0; i < COUNT; i++) {
    const kind = i % 2;
    const [left, top, width, height] = [50 + (i % 5) * 20, 20 + (i % 7) * 12, 80 + (i % 3) * 10, 90];
    const object = await sharp(await scene(i, kind === 0 ? 'stripes' : 'dots', { width, height })).linear(0.4, 150).png().toBuffer();
    const ground = sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 30, sigma: 12 } } });
    writeFileSync(join(folder, `${i}.png`), await ground.composite([{ input: object, left, top }]).png().toBuffer());
    const add = (category_id: number, bbox: Bbox): void => void annotations.push({ id: annotations.length, image_id: i, category_id, bbox });
    add(i === SWAPPED ? 0 : i === RARE ? 2 : kind, [left, top, width, height]);
    if (i === TWICE) add(kind, [left, top, width, height]);
    if (i === OUTSIDE) add(kind, [-300, 10, 330, 90]);
  }
  const file = join(folder, 'set.json');
  writeFileSync(file, JSON.stringify({ images: Array.from({ length: COUNT }, (_, i) => ({ id: i, file_name: `${i}.png` })), annotations, categories: CLASSES.map((name, id) => ({ id, name })) }));
  return file;
}

/** Mean brightness of a picture within its box and outside of it, 0..255, as the browser shows the two. */
async function brightness(shot: Locator): Promise<{ within: number; without: number }> {
  await shot.scrollIntoViewIfNeeded();
  const [whole, box] = [await shot.boundingBox(), await shot.locator('.box').boundingBox()];
  if (whole === null || box === null) throw new Error('the picture or its box is not to be seen');
  const { data, info } = await sharp(await shot.screenshot()).greyscale().raw().toBuffer({ resolveWithObject: true });
  const sums = { within: { sum: 0, n: 0 }, without: { sum: 0, n: 0 } };
  data.forEach((value, i) => {
    const [x, y] = [whole.x + (i % info.width) - box.x, whole.y + Math.floor(i / info.width) - box.y];
    const inside = Math.min(x, y, box.width - x, box.height - y);
    // Not where the line of the box itself is drawn.
    if (Math.abs(inside) < 5) return;
    const part = sums[inside > 0 ? 'within' : 'without'];
    part.sum += value;
    part.n += 1;
  });
  return { within: sums.within.sum / sums.within.n, without: sums.without.sum / sums.without.n };
}

describe('objects in the report', { timeout: 120_000 }, () => {
  const out = newPlace();
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    expect(await sluice('curate', await makeSet(), '--out', out, '--budget', '0.5')).toMatchObject({ code: 0 });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
    page.on('console', (message) => faults.push(`${message.type()}: ${message.text()}`));
    await page.goto(pathToFileURL(join(out, 'report.html')).href);
    await page.waitForSelector('html[data-ready="true"]');
    for (const closed of await page.locator('#boxes details > summary').all()) await closed.click();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
  });

  /** The cards of the section that tell of an object. */
  const cards = (seq: number, index: number): Locator => page.locator('#boxes li.suspect', { hasText: `${seq}.png · object ${index}` });

  it('counts them as the folder does', async () => {
    const reader = openReader(out);
    const objects = [...reader.decisions()].flatMap((decision) => decision.objects);
    reader.close();
    const shown = (key: string): Promise<string | null> => page.locator(`#boxes [data-count="${key}"]`).getAttribute('data-value');
    expect(objects).toHaveLength(COUNT + 2);
    expect(await shown('objects')).toBe(String(objects.filter(({ suspicion }) => suspicion !== null).length));
    expect(await shown('objects:review')).toBe(String(objects.filter(({ suspicion }) => (suspicion ?? 0) >= 0.5).length));
    expect([await shown('box:outside'), await shown('box:duplicate')]).toEqual(['1', '1']);
  });

  it('draws each box over what it is around', async () => {
    for (const [seq, index] of [[TWICE, 1], [SWAPPED, 0]] as const) {
      const { within, without } = await brightness(cards(seq, index).first().locator('.shot'));
      expect(within).toBeGreaterThan(150);
      expect(without).toBeLessThan(60);
    }
  });

  it('says which class a swapped one looks like', async () => {
    const card = cards(SWAPPED, 0).first();
    expect(await card.locator('.better').textContent()).toBe('dots');
    expect(await card.locator('.tag.warn').textContent()).toBe('review');
  });

  it('lists the objects of an image with their boxes, and lights the one pointed at', async () => {
    await cards(OUTSIDE, 1).first().locator('.pic').click();
    const lines = page.locator('#detail .objects li');
    expect(await lines.count()).toBe(2);
    expect(await lines.filter({ hasText: 'partly outside of the picture' }).locator('b').textContent()).toContain('</script><script>');
    expect(await page.locator('#detail .shot .box').count()).toBe(1);
    await lines.filter({ hasNotText: 'partly outside' }).hover();
    expect(await page.locator('#detail .box.lit').count()).toBe(1);
    await page.keyboard.press('Escape');
  });

  it('marks the object that decided', async () => {
    const reader = openReader(out);
    const named = new Map([...reader.decisions('admit')].map(({ seq, reasons }) => [String(seq), reasons.find(({ object }) => object !== undefined)?.object]));
    reader.close();
    let object: number | undefined;
    for (const picture of await page.locator('.pic:visible').all()) {
      object = named.get((await picture.getAttribute('data-seq')) ?? '');
      if (object === undefined) continue;
      await picture.click();
      break;
    }
    const first = page.locator('#detail .objects li.decisive').first();
    expect(await first.locator('small').first().textContent()).toBe(String(object));
    expect(await first.locator('.why').textContent()).toMatch(/rarest kind of object here|class most needed here/);
    expect(await page.locator('#detail .box.decisive').count()).toBe(1);
    await page.keyboard.press('Escape');
  });

  it('runs nothing that names of classes carry, and complains of nothing', async () => {
    expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(5);
    expect(faults).toEqual([]);
  });

  it('fits a narrow window', async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
  });
});
