import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../servers/packages.ts';
import { AT, HOSTILE, manyLatencies, sourcesWith, stagedServer } from '../web/page-stage.ts';
import {
  accessibilityTroubles,
  excessWidth,
  look,
  LOOKS,
  lookName,
  openBrowser,
  picture,
  styleOf,
} from './browser.ts';

const INCIDENT = '/incidents/sla4.internet/region/2026-03-20T10:58:00.000Z';
const PAGES = {
  contract: '/',
  row: '/rows/sla3.dns',
  members: '/rows/sla9.vm',
  'sampled-row': '/rows/sla7.iops',
  'durability-row': '/rows/sla6.durability',
  'past-period': '/rows/sla3.dns?period=2026-02',
  incident: INCIDENT,
  tickets: '/tickets',
  health: '/health',
} as const;
const EN = { theme: 'light', language: 'en', width: 'desk' } as const;

describe.skipIf(!findProgram('chromium'))('the pages in Chromium (needs chromium)', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof stagedServer>>;

  beforeAll(async () => {
    [browser, server] = await Promise.all([openBrowser(), stagedServer()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  test.each(LOOKS.map((how) => [lookName(how), how] as const))(
    '%s: every page is clean, accessible and not too wide',
    async (how, as) => {
      const { page, troubles, close } = await look(browser, server.url, as);
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(`${server.url}${path}`);
        await page.waitForSelector('#connection:not([hidden])');
        await picture(page, `${name} ${how}`);
        expect.soft([name, await page.getAttribute('html', 'lang')]).toEqual([name, as.language]);
        expect.soft([name, await excessWidth(page)]).toEqual([name, 0]);
        expect.soft([name, await accessibilityTroubles(page)]).toEqual([name, []]);
      }
      expect(troubles).toEqual([]);
      await close();
    },
    90_000,
  );

  test('charts: drawn, and drawn anew when the theme changes', async () => {
    const { page, troubles, close } = await look(browser, `${server.url}/rows/sla3.dns`, EN);
    await expect.poll(() => page.locator('.plot canvas').count()).toBe(2);
    const pixels = (): Promise<string> =>
      page.evaluate<string>("document.querySelector('.plot canvas').toDataURL()");
    const light = await pixels();
    await page.click('#theme');
    await page.click('#theme');
    await expect.poll(pixels).not.toBe(light);
    expect(await page.locator('.u-legend').first().textContent()).toContain('client');
    expect(troubles).toEqual([]);
    await close();
  });

  test('latencies of many checks: those of the first are drawn, all that are told are in the table', async () => {
    const many = await stagedServer(await sourcesWith(manyLatencies({ drawn: 30, told: 285, all: 2_000 })));
    for (const as of LOOKS.slice(1, 3)) {
      const { page, troubles, close } = await look(browser, `${many.url}/rows/sla3.dns`, as);
      await expect.poll(() => page.locator('[data-chart=latency] canvas').count()).toBe(1);
      expect(await page.locator('[data-chart=latency] .u-legend .u-series').count()).toBe(1 + 2 * 30);
      expect(await page.locator('[aria-labelledby=latency] tbody tr').count()).toBe(285);
      await picture(page, `latencies of many checks ${lookName(as)}`);
      expect([await excessWidth(page), await accessibilityTroubles(page)]).toEqual([0, []]);
      expect(troubles).toEqual([]);
      await close();
    }
    await many.stop();
  });

  test('theme: the button goes through all of them, and the choice is there when one comes back', async () => {
    const { page, close } = await look(browser, server.url, EN);
    const ground = (): Promise<string> => styleOf(page, 'document.body', 'backgroundColor');
    const light = await ground();
    await page.click('#theme');
    expect(await page.textContent('#theme')).toBe('Theme: light');
    await page.click('#theme');
    expect(await ground()).not.toBe(light);
    await page.goto(`${server.url}/tickets`);
    expect(await ground()).not.toBe(light);
    await page.click('#theme');
    expect(await page.textContent('#theme')).toBe('Theme: automatic');
    expect(await ground()).toBe(light);
    await close();
  });

  test('language: what is chosen by name goes before what the browser prefers, and stays in the links', async () => {
    const { page, close } = await look(browser, server.url, { ...EN, language: 'fr' });
    expect(await page.textContent('nav li:nth-child(1)')).toContain('Contrat');
    await page.click('.languages a');
    expect(new URL(page.url()).searchParams.get('lang')).toBe('en');
    await page.click('nav a[href^="/tickets"]');
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await close();
  });

  test('filters: act as they are set, and the address can be passed on', async () => {
    const { page, troubles, close } = await look(browser, server.url, EN);
    const rows = (): Promise<number> => page.locator('.promises tbody').count();
    expect(await rows()).toBe(30);
    await page.selectOption('select[name=show]', 'attention');
    await expect.poll(rows).toBe(2);
    await page.fill('input[name=q]', 'virtual machine');
    await expect.poll(rows).toBe(1);
    expect(new URL(page.url()).search).toBe('?q=virtual+machine&show=attention');
    await page.reload();
    expect(await rows()).toBe(1);
    expect(await page.inputValue('input[name=q]')).toBe('virtual machine');
    expect(troubles).toEqual([]);
    await close();
  });

  test('keyboard: every page is reached and read without a pointer', async () => {
    const { page, close } = await look(browser, server.url, EN);
    const focused = (): Promise<string> =>
      page.evaluate<string>(String.raw`document.activeElement.textContent.trim().replaceAll(/\s+/g, ' ')`);
    const tabTo = async (words: string): Promise<void> => {
      for (let i = 0; i < 80; i++) {
        await page.keyboard.press('Tab');
        if ((await focused()).startsWith(words)) return;
      }
      throw new Error(`the keyboard does not reach ${words}`);
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('main');
    await tabTo('DNS service');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/rows/sla3.dns');
    await tabTo('2026-03-10');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/incidents/**');
    await tabTo('Tickets');
    expect(await styleOf(page, 'document.activeElement', 'outlineStyle')).toBe('solid');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/tickets');
    await close();
  });

  test('without a script: every page is read', async () => {
    const { page, troubles, close } = await look(browser, server.url, { ...EN, script: false });
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(`${server.url}${path}`);
      expect((await page.textContent('main'))?.length).toBeGreaterThan(100);
      await picture(page, `${name} without a script`);
    }
    expect(troubles).toEqual([]);
    await close();
  });

  test('without a script: the filter is a form', async () => {
    const { page, close } = await look(browser, server.url, { ...EN, script: false });
    await page.selectOption('select[name=show]', 'open');
    await page.click('button[type=submit]');
    expect(await page.locator('.promises tbody').count()).toBe(1);
    await close();
  });

  test.each([
    ['a ticket’s title', '/tickets', 'th'],
    ['evidence of a probe', INCIDENT, '.evidence'],
    ['the reason of an exclusion', '/rows/sla3.dns', 'td'],
    ['an entry of the provider’s feed', '/', 'a'],
    ['a body that a probe quotes', '/health', '.detail'],
  ])('hostile words in %s are text', async (_, path, element) => {
    const { page, troubles, close } = await look(browser, `${server.url}${path}`, EN);
    expect(await page.locator(element, { hasText: HOSTILE }).count()).toBeGreaterThan(0);
    expect(await page.evaluate<boolean>("'hacked' in globalThis")).toBe(false);
    expect(await page.locator('main img, main script:not([type="application/json"])').count()).toBe(0);
    expect(troubles).toEqual([]);
    await close();
  });

  test('first view: within 100 KB over the wire, and there within a second', async () => {
    const { page, close } = await look(browser, 'about:blank', EN);
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(`${server.url}/rows/sla3.dns`, { waitUntil: 'load' });
    await page.waitForSelector('.plot canvas');
    const readyMs = await page.evaluate<number>('performance.now()');
    console.log(`row page with charts: ${bytes} bytes over the wire, drawn after ${Math.round(readyMs)} ms`);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(100_000);
    await close();
    const again = await look(browser, server.url, EN);
    const interactiveMs = await again.page.evaluate<number>(
      "performance.getEntriesByType('navigation')[0].domInteractive",
    );
    expect(interactiveMs).toBeLessThan(1_000);
    await again.close();
  });

  test('a running clock runs, by the time of the server', async () => {
    const { page, close } = await look(browser, `${server.url}/tickets`, EN);
    await expect
      .poll(() => page.textContent('[data-deadline]'), { timeout: 4_500 })
      .toMatch(/^in 3\sh 29\smin 5\d\ss$/);
    await close();
  });

  test('print: the figures are there, the controls are not', async () => {
    const { page, close } = await look(browser, server.url, { ...EN, theme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    expect(await page.isVisible('#filters')).toBe(false);
    expect(await page.isVisible('.promises')).toBe(true);
    expect(await styleOf(page, 'document.body', 'backgroundColor')).toBe('rgb(255, 255, 255)');
    await picture(page, 'contract printed');
    await close();
  });

  test('instants: in the contract’s zone, with the offset, and in UTC for machines', async () => {
    const { page, close } = await look(browser, `${server.url}/rows/sla3.dns`, EN);
    const time = page.locator('#as-of time');
    expect(await time.getAttribute('datetime')).toBe(AT);
    expect((await time.textContent())?.replaceAll('\u00a0', ' ')).toBe('2026-03-20 12:00:00 +01:00');
    await close();
  });
});
