import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

/** Kept by CI, looked at by people. */
const SCREENSHOTS = resolve(__dirname, '../../../var/screenshots');

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** The ways pages are looked at. */
export const LOOKS = {
  'wide-light': { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  'wide-dark': { colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  'phone-light': { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  'phone-dark': { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
} as const;

/** Debian's Chromium with a profile of its own. */
export class TestBrowser {
  private constructor(
    private readonly profile: string,
    readonly context: BrowserContext,
    /** What pages complained about: errors of scripts, of the policy for content, of loading. */
    readonly complaints: string[],
  ) {}

  static async open(url: string, options: { javaScript?: boolean } = {}): Promise<TestBrowser> {
    const profile = mkdtempSync(join(tmpdir(), 'fbb-'));
    const context = await chromium.launchPersistentContext(profile, {
      ...{ executablePath: CHROMIUM, args: FLAGS, baseURL: url, acceptDownloads: true },
      ...LOOKS['wide-light'],
      javaScriptEnabled: options.javaScript ?? true,
    });
    const complaints: string[] = [];
    context.on('console', (message) => {
      if (message.type() === 'error')
        complaints.push(`${message.page()?.url()}: ${message.text()}`);
    });
    context.on('weberror', (fault) => complaints.push(String(fault.error())));
    return new TestBrowser(profile, context, complaints);
  }

  async close(): Promise<void> {
    await this.context.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}

/** Looks at a page in every way: keeps screenshots; @returns what is wrong with it for people */
export async function inspect(page: Page, name: string): Promise<string[]> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const faults: string[] = [];
  for (const [look, { colorScheme, viewport }] of Object.entries(LOOKS)) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${look}.png`), fullPage: true });
    const surplus = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    if (Number(surplus) > 0) faults.push(`${look}: wider than the window by ${String(surplus)}`);
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, nodes } of violations) {
      faults.push(`${look}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(LOOKS['wide-light'].viewport);
  return faults;
}
