import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from './browser';
import type { DebWorkshop } from './deb-workshop';
import { Visitor } from './visitor';
import { WebProgram } from './web-program';

interface Scene {
  workshop: DebWorkshop;
  web: WebProgram;
  visitor: Visitor;
}

/** Changes that pages make; the workshop has image, environment and keyring, the visitor may do everything. */
export function tellPageChangesStory(open: () => Scene): void {
  it('renew the key', async () => {
    const { visitor } = open();
    const expiry = () => visitor.page.locator('dt:text-is("Expires") + dd').innerText();
    await visitor.go('/default/keyring');
    const before = await expiry();
    await visitor.page.getByLabel('Valid for another').fill('3y');
    await visitor.press('Renew');
    expect(await visitor.heading()).toBe('Renew the keyring');
    await visitor.ended('success');
    await visitor.go('/default/keyring');
    expect(await expiry()).not.toBe(before);
  });

  it('update an image', async () => {
    const { visitor } = open();
    await visitor.go('/default/images');
    await visitor.press('Update');
    expect(await visitor.heading()).toBe('Update the deb image');
    await visitor.ended('success');
  });

  it('show on the dashboard what others submit, without loading it again', async () => {
    const { visitor, workshop } = open();
    const { page } = visitor;
    await visitor.go('/default/dashboard');
    await page.evaluate('document.title = "the same page"');
    const first = page.locator('#live a').first();
    await first.focus();
    const focused = await first.getAttribute('href');
    const ended = await workshop.installation.ctl('keyring', 'renew', '--duration', '1y');
    expect(ended).toMatchObject({ status: 0 });
    const rows = page.locator('#live tr', { hasText: 'Renew the keyring' });
    await rows.nth(1).waitFor();
    expect(await page.title()).toBe('the same page');
    expect(await page.locator(':focus').getAttribute('href')).toBe(focused);
  });

  it('purge the history by the policy', async () => {
    const { visitor } = open();
    await visitor.go('/default/history');
    const rows = visitor.page.locator('tbody tr');
    expect(await rows.count()).toBeGreaterThan(KEPT + 1);
    await visitor.press('Purge by the policy');
    expect(await visitor.heading()).toBe('Purge the history');
    await visitor.ended('success');
    await visitor.go('/default/history');
    expect(await rows.count()).toBe(KEPT + 1);
  });

  it('revoke a token, whose browser is a stranger from then on', async () => {
    const { visitor, web } = open();
    const token = await visitor.issueToken('leaver');
    const leaver = await Visitor.come(web.url);
    try {
      await leaver.signIn(token);
      expect(await leaver.heading()).toBe('Default');
      await visitor.press('Revoke the token of leaver');
      expect(await visitor.page.locator('tr', { hasText: 'leaver' }).innerText()).toMatch(
        /revoked/,
      );
      expect(await leaver.go('/default/dashboard')).toBe(403);
    } finally {
      await leaver.leave();
    }
  });

  it('lead to the board of the queue, which gets nothing from elsewhere', async () => {
    const { visitor, web } = open();
    const { page } = visitor;
    const answered: string[] = [];
    page.on('response', (response) => answered.push(new URL(response.url()).origin));
    await visitor.go('/board/default/');
    await page.getByText('fatbuildr-default').first().waitFor();
    expect(new Set(answered)).toEqual(new Set([web.url]));
    const complaints = visitor.complaints();
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toMatch(/fonts\.\S+ .*violates .*Content Security Policy/);
  });

  it('are at the root of a server of one instance', async () => {
    const { visitor, workshop } = open();
    const { page } = visitor;
    const site = join(workshop.installation.home, 'etc/mono.ini');
    await writeFile(site, '[web]\ninstance = default\n');
    const mono = await WebProgram.start(workshop.installation.home, ['--config', site]);
    try {
      await visitor.go(`${mono.url}/`);
      expect(page.url()).toBe(`${mono.url}/registry/`);
      // The same host: it knows the session.
      for (const section of await page.locator('.sections a').all()) {
        expect(await section.getAttribute('href')).toMatch(/^\/[a-z]+\/?$/);
      }
      await page.locator('.sections').getByRole('link', { name: 'Keyring' }).click();
      await visitor.press('Renew');
      expect(page.url()).toMatch(new RegExp(`^${mono.url}/watch/[^/]+\\.html$`));
      await visitor.ended('success');
      expect(await inspect(page, 'task-mono')).toEqual([]);
    } finally {
      await mono.stop();
    }
  });
}

/** Tasks that a purge keeps, as the workshop is configured. */
const KEPT = 3;
