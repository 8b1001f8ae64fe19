import type { Page } from 'playwright-core';
import { TestBrowser } from './browser';

/** Milliseconds for what a container has to do. */
const LONG = 900_000;

/** Somebody at the pages of the instance `default`, in a browser of their own. */
export class Visitor {
  private constructor(
    readonly browser: TestBrowser,
    readonly page: Page,
  ) {}

  static async come(url: string): Promise<Visitor> {
    const browser = await TestBrowser.open(url);
    return new Visitor(browser, await browser.context.newPage());
  }

  async leave(): Promise<void> {
    await this.browser.close();
  }

  /** @returns the status of the answer */
  async go(path: string): Promise<number | undefined> {
    const answer = await this.page.goto(path, { waitUntil: 'domcontentloaded' });
    return answer?.status();
  }

  async press(name: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name }).first().click();
  }

  heading(): Promise<string> {
    return this.page.getByRole('heading', { level: 1 }).innerText();
  }

  /** Resolves when the task whose page this is has ended so. */
  async ended(result: 'success' | 'failed'): Promise<void> {
    await this.page.locator(`#facts .chip-${result}`).waitFor({ timeout: LONG });
  }

  /** @returns a new token of somebody; it takes the right to issue one */
  async issueToken(user: string): Promise<string> {
    await this.go('/default/tokens');
    await this.page.getByLabel('User').fill(user);
    await this.press('Issue');
    return this.page.locator('#token').innerText();
  }

  async signIn(token: string, next = '/default/dashboard'): Promise<void> {
    await this.go(`/default/sign-in?next=${next}`);
    await this.page.getByLabel('Token').fill(token);
    await this.press('Sign in');
  }

  /** What was complained about since the last time. */
  complaints(): string[] {
    return this.browser.complaints.splice(0);
  }

  /** Resolves when the terminal of the page says so of itself. */
  async terminalSays(state: string | RegExp): Promise<void> {
    const found = this.page.locator('#terminal-state', { hasText: state });
    await found.waitFor({ timeout: LONG });
  }

  /** Types a line into the terminal. */
  async type(line: string): Promise<void> {
    await this.page.locator('.xterm-helper-textarea').focus();
    await this.page.keyboard.type(`${line}\n`);
  }

  /** Resolves when a row of the terminal is like that; @returns its text */
  async row(text: RegExp): Promise<string> {
    const row = this.page.locator('.xterm-rows > div', { hasText: text }).last();
    await row.waitFor({ timeout: LONG });
    return row.innerText();
  }
}
