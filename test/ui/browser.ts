import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram } from '../servers/packages.ts';

/** How somebody looks at a page. */
export interface Look {
  readonly theme: 'light' | 'dark';
  readonly language: 'en' | 'fr';
  readonly width: 'desk' | 'phone';
  readonly script?: boolean;
}

/** A page that is being looked at. */
export interface Watched {
  readonly page: Page;
  /** Errors on the console, exceptions, breaches of the policy, and requests to anywhere else: there should be none. */
  readonly troubles: readonly string[];
  readonly close: () => Promise<void>;
}

/** Ways of looking that bring every two of theme, language and width together. */
export const LOOKS: readonly Look[] = [
  { theme: 'light', language: 'en', width: 'desk' },
  { theme: 'light', language: 'fr', width: 'phone' },
  { theme: 'dark', language: 'en', width: 'phone' },
  { theme: 'dark', language: 'fr', width: 'desk' },
];

/** A name for a way of looking. */
export function lookName({ theme, language, width }: Look): string {
  return `${theme}, ${language}, ${width}`;
}

const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;
const LOCALES = { en: 'en-GB', fr: 'fr-FR' } as const;
const PICTURES = join(import.meta.dirname, '../../test-results');

/** Starts the Chromium of the system; a browser of a package's own would have to be fetched. */
export function openBrowser(): Promise<Browser> {
  const executablePath = findProgram('chromium') ?? 'chromium';
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

/** Opens an address as somebody would look at it. */
export async function look(browser: Browser, url: string, how: Look): Promise<Watched> {
  const context = await browser.newContext({
    colorScheme: how.theme,
    locale: LOCALES[how.language],
    viewport: SIZES[how.width],
    javaScriptEnabled: how.script ?? true,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const troubles: string[] = [];
  await note(context, page, new URL(url).origin, troubles);
  await page.goto(url, { waitUntil: 'load' });
  return { page, troubles, close: () => context.close() };
}

async function note(context: BrowserContext, page: Page, origin: string, troubles: string[]): Promise<void> {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) troubles.push(`asked elsewhere: ${request.url()}`);
  });
  await context.addInitScript(`document.addEventListener('securitypolicyviolation', (event) => {
    console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample);
  })`);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core holds against a page, a line each. */
export async function accessibilityTroubles(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate<readonly string[]>(`
    axe
      .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) =>
        violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary),
        ),
      )
  `);
}

/** By how many pixels a page is wider than what one sees of it. */
export function excessWidth(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
}

/** A property of the style that an element has, by an expression such as `document.activeElement`. */
export function styleOf(page: Page, element: string, property: string): Promise<string> {
  return page.evaluate<string>(`getComputedStyle(${element})[${JSON.stringify(property)}]`);
}

/** Keeps a picture of a page among the results of the run. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name.replaceAll(/[^\w-]+/g, '-')}.png`), fullPage: true });
}
