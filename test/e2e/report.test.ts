/** The report in a real browser: it runs, it asks nobody for anything, and what names carry stays text. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision } from '../../schemas/decision.ts';
import { writeReport } from '../../infra/sinks/report/report.ts';
import type { SummaryData } from '../../infra/sinks/report/data.ts';
import { openBrowser } from '../support/browser.ts';
import { type Contents, makeDecisions, memoryReader } from '../support/reader.ts';
import { someAlert } from '../support/alerts.ts';

const EVIL = [`<img src=x onerror="window.pwned=1">.jpg`, '</script><script>window.pwned=1</script>', `"><svg onload=window.pwned=1>`, '<iframe srcdoc="<script>parent.pwned=1</script>">'];

describe('report in Chromium', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Opens the report of a folder; `faults` gathers errors, console messages and requests. */
  async function open(name: string, contents: Contents, size = { width: 1280, height: 900 }): Promise<{ page: Page; faults: string[] }> {
    const file = join(dir, `${name}.html`);
    await writeReport(memoryReader(contents), file, { projection: null });
    const page = await browser.newPage({ viewport: size });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
    page.on('console', (message) => faults.push(`${message.type()}: ${message.text()}`));
    page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(file).href && !request.url().startsWith('data:')) faults.push(`request: ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready="true"]');
    return { page, faults };
  }

  /** Moves the pointer over the map until an image is told of. */
  async function hoverAny(page: Page): Promise<{ x: number; y: number }> {
    await page.locator('#points-canvas').scrollIntoViewIfNeeded();
    const box = await page.locator('.canvas').boundingBox();
    if (box === null) throw new Error('the map has no place');
    for (let y = box.y + 30; y < box.y + box.height - 30; y += 22) {
      for (let x = box.x + 30; x < box.x + box.width - 30; x += 22) {
        await page.mouse.move(x, y);
        if (await page.locator('#hover').isVisible()) return { x, y };
      }
    }
    throw new Error('no image was found on the map');
  }

  it('shows the same counts as the decisions hold', async () => {
    const decisions = await makeDecisions({ items: 500, every: 30_000 });
    const dead = [{ seq: 500, id: 'broken.jpg', code: 'SLUICE_E_IMAGE_CORRUPT', cause: 'cut off' }];
    const { page, faults } = await open('counts', { decisions, dead, unspent: 9 });
    const summary = JSON.parse((await page.locator('#summary').textContent()) ?? '') as SummaryData;
    const admitted = decisions.filter((d) => d.verdict === 'admit').length;
    expect(summary).toMatchObject({ decided: 500, admitted, rejected: 500 - admitted, dead: 1, unspent: 9 });
    const shown = (key: string): Promise<string | null> => page.locator(`[data-count="${key}"]`).textContent();
    const { decided, rejected } = summary;
    expect([await shown('decided'), await shown('admitted'), await shown('rejected'), await shown('dead'), await shown('unspent')]).toEqual([decided, admitted, rejected, 1, 9].map(String));
    const drawn = await page.locator('#legend .entry small').allTextContents();
    expect(drawn.map(Number).reduce((a, b) => a + b, 0)).toBe(500);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('tells of an image on the map when pointed at, and pins it on a click', async () => {
    const decisions = await makeDecisions({ items: 120 });
    const { page, faults } = await open('hover', { decisions });
    const { x, y } = await hoverAny(page);
    const image = page.locator('#hover img');
    await image.waitFor({ state: 'visible' });
    expect(await image.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth)).toBe(96);
    const id = (await page.locator('#hover .id').textContent()) ?? '';
    expect(decisions.map((d) => d.id)).toContain(id);
    await page.mouse.click(x, y);
    expect(await page.locator('#pinned .id').textContent()).toBe(id);
    expect(await page.locator('#pinned .reasonlist li').count()).toBe(decisions.find((d) => d.id === id)?.reasons.length);
    await page.keyboard.press('n');
    expect(await page.locator('#hover .id').textContent()).not.toBe(id);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('filters by legend, by reason and by search', async () => {
    const decisions = await makeDecisions({ items: 200 });
    const { page } = await open('filter', { decisions });
    const code = decisions.find((d) => d.verdict === 'reject')?.reasons[0]?.code ?? '';
    const n = decisions.filter((d) => d.reasons[0]?.code === code).length;
    await page.locator(`[data-show="reason"][data-value="${code}"]`).click();
    expect(await page.locator('#colour-by').inputValue()).toBe('reason');
    expect(await page.locator('#legend .clear').textContent()).toContain(`(${n})`);
    await page.locator('#find').fill(decisions[0]?.id ?? '');
    expect(await page.locator('#legend .clear').textContent()).toContain(decisions[0]?.reasons[0]?.code === code ? '(1)' : '(0)');
    await page.locator('#legend .clear').click();
    await page.locator('#legend .entry').first().click();
    expect(await page.locator('#legend .entry[aria-pressed="true"]').count()).toBe(1);
    await page.close();
  });

  it('runs nothing that ids, labels, streams, causes or codes carry', async () => {
    const evil = (seq: number): string => EVIL[seq % EVIL.length] ?? '';
    const decisions = (await makeDecisions({ items: 60 })).map((d): Decision => ({ ...d, id: `${evil(d.seq)}${d.seq}`, stream: evil(d.seq + 1), label: evil(d.seq + 2), suspicion: 0.9, review: true }));
    const dead = EVIL.map((text, i) => ({ seq: 60 + i, id: text, code: text, cause: text }));
    const { page, faults } = await open('evil', { decisions, dead, dir: EVIL[1] ?? '', alerts: [someAlert({ kind: EVIL[0] ?? '', seq: 1, exemplars: [], streams: EVIL })] });
    // Through every place where the script writes names: hover, pin, legends, window, notes.
    const { x, y } = await hoverAny(page);
    expect(await page.locator('#hover .id').textContent()).toMatch(/^[<"]/);
    await page.mouse.click(x, y);
    for (const mode of ['kind', 'stream', 'reason']) await page.locator('#colour-by').selectOption(mode);
    await page.locator('[data-show="kind"]').first().click();
    await page.locator('.strip .pic, .suspects .pic').first().click();
    expect(await page.locator('#detail .id').textContent()).toMatch(/^[<"]/);
    expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
    expect(await page.locator('iframe, img[src="x"], svg[onload]').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(5);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('lets no script run that is not its own, even if one got into the page', async () => {
    const { page, faults } = await open('policy', { decisions: await makeDecisions({ items: 5 }) });
    // In words, since the page's own types are not known here.
    await page.evaluate(`(() => { const s = document.createElement('script'); s.textContent = 'window.pwned = 1'; document.body.append(s); document.body.setAttribute('onclick', 'window.pwned = 1'); document.body.click(); })()`);
    expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
    expect(faults.join('\n')).toContain('Content Security Policy');
    await page.close();
  });

  it.each([{ width: 1280, height: 900 }, { width: 390, height: 844 }])('fits a window of $width pixels', async (size) => {
    const long = 'a_rather_long_name_without_any_break_'.repeat(6);
    const decisions = (await makeDecisions({ items: 300, kinds: 40 })).map((d): Decision => ({ ...d, id: `${long}/${d.id}`, label: `${long}${d.cluster}`, stream: `${long}${d.seq % 2}` }));
    const dead = [{ seq: 300, id: long, code: 'SLUICE_E_IMAGE_CORRUPT', cause: long }];
    const { page } = await open(`size-${size.width}`, { decisions, dead, dir: `/${long}` }, size);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBe(size.width);
    await page.close();
  });

  it.each([{ items: 0, title: 'Nothing was decided yet' }, { items: 1, title: 'Kept 0 of 1 image' }])('opens with $items items', async ({ items, title }) => {
    const { page, faults } = await open(`of-${items}`, { decisions: await makeDecisions({ items }) });
    expect(await page.locator('h1').textContent()).toBe(title);
    expect(faults).toEqual([]);
    await page.close();
  });
});
