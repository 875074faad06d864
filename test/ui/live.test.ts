import { setTimeout as wait } from 'node:timers/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, startVigie } from '../commands/spawn-vigie.ts';
import { findProgram } from '../servers/packages.ts';
import { accessibilityTroubles, look, type Look, openBrowser, picture } from './browser.ts';

const EN: Look = { theme: 'light', language: 'en', width: 'desk' };
/** The box judges every second, and a single vantage is believed after two slots of two seconds. */
const SEEN_MS = 25_000;

describe.skipIf(!findProgram('chromium'))('the region in a box in Chromium (needs chromium)', () => {
  let browser: Browser;
  let vigie: Running;
  let url = '';
  const folder = mkdtempSync(join(tmpdir(), 'vigie-ui-'));

  const start = async (): Promise<void> => {
    vigie = startVigie(['run', '--no-table', '--port-offset', String(2_000 + (process.pid % 100) * 100)], {
      cwd: folder,
    });
    [url] = await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/);
    for (let tries = 0; tries < 100; tries++) {
      if ((await fetch(`${url}/readyz`)).ok) return;
      await wait(200);
    }
    throw new Error('the box did not become ready');
  };
  const setFault = async (fault: 'down' | 'none'): Promise<void> => {
    const answer = await fetch(`${url}/api/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fault: `dns=${fault}` }),
    });
    expect(answer.status).toBe(200);
  };

  beforeAll(async () => {
    [browser] = await Promise.all([openBrowser(), start()]);
  });
  afterAll(async () => {
    await browser.close();
    vigie.kill('SIGTERM');
    await vigie.finished;
    rmSync(folder, { recursive: true, force: true });
  });

  test('every page that the contract’s page links to is clean', async () => {
    const { page, troubles, close } = await look(browser, url, EN);
    const links = await page.locator('main a[href^="/rows/"], nav a').all();
    const paths = new Set(await Promise.all(links.map((link) => link.getAttribute('href'))));
    expect(paths.size).toBeGreaterThan(20);
    for (const [i, path] of [...paths].entries()) {
      await page.goto(`${url}${path ?? ''}`);
      await page.locator('h1').waitFor();
      // Pages of a kind are alike, and looking at each takes a second or two.
      const found = i % 4 === 0 ? await accessibilityTroubles(page) : [];
      expect([path, found]).toEqual([path, []]);
    }
    expect(troubles).toEqual([]);
    await close();
  }, 120_000);

  test('a fault goes in and out on every page that shows it, without a reload', async () => {
    const pages = await Promise.all(
      ['/', '/rows/sla3.dns', '/health'].map((path) => look(browser, `${url}${path}`, EN)),
    );
    const [contract, row, health] = pages.map(({ page }) => page);
    if (!contract || !row || !health) throw new Error('three pages were asked for');
    for (const { page } of pages) await page.evaluate('globalThis.stayed = true');
    const dnsRow = contract.locator('tbody[data-key="sla3.dns"]');

    await setFault('down');
    await dnsRow.locator('.open-incident').waitFor({ timeout: SEEN_MS });
    await row.locator('.headline a').waitFor({ timeout: SEEN_MS });
    await health.locator('tr[data-key="dns-udp local"] .badge.bad').waitFor({ timeout: SEEN_MS });
    expect(await contract.title()).toContain('1 open incident');
    await Promise.all([picture(contract, 'box contract fault'), picture(row, 'box row fault')]);

    const incident = await look(
      browser,
      new URL((await dnsRow.locator('.open-incident').getAttribute('href')) ?? '', url).href,
      EN,
    );
    await incident.page.locator('.headline .badge.bad').waitFor();
    expect(await incident.page.locator('table tbody tr').count()).toBeGreaterThan(0);
    expect(await accessibilityTroubles(incident.page)).toEqual([]);

    await setFault('none');
    await dnsRow.locator('.open-incident').waitFor({ state: 'detached', timeout: SEEN_MS });
    await row.locator('.headline a').waitFor({ state: 'detached', timeout: SEEN_MS });
    await incident.page.locator('.headline .badge.bad').waitFor({ state: 'detached', timeout: SEEN_MS });
    await picture(incident.page, 'box incident over');
    for (const { page } of pages) expect(await page.evaluate<boolean>("'stayed' in globalThis")).toBe(true);
    for (const { troubles, close } of [...pages, incident]) {
      expect(troubles).toEqual([]);
      await close();
    }
  }, 90_000);

  test('a page says when vigie is gone, and goes on when it is back', async () => {
    const { page, close } = await look(browser, url, EN);
    await page.locator('#connection:not(.lost)').waitFor();
    vigie.kill('SIGTERM');
    await vigie.finished;
    await page.locator('#offline:not(:empty)').waitFor({ timeout: SEEN_MS });
    const asOf = await page.getAttribute('#as-of time', 'datetime');
    await start();
    await page.locator('#offline:empty').waitFor({ state: 'attached', timeout: SEEN_MS });
    await expect
      .poll(() => page.getAttribute('#as-of time', 'datetime'), { timeout: SEEN_MS })
      .not.toBe(asOf);
    await close();
  });
});
