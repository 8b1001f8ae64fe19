import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { inspect, TestBrowser } from '../e2e/support/browser';
import { DebWorkshop } from '../e2e/support/deb-workshop';
import { debPackaging } from '../e2e/support/definitions';
import { HOST_CODENAME, HOST_TAG } from '../e2e/support/host';
import { execute } from '../e2e/support/installation';
import { WebProgram } from '../e2e/support/web-program';

jest.setTimeout(1_200_000);

const POLICY = `[roles]
anonymous
user = ALL

[anonymous]
actions = view-pipeline, view-registry, view-keyring, manage-token

[user]
actions = @anonymous, view-task, manage-task, purge-history, edit-registry, build, edit-keyring, manage-image
`;

/** Milliseconds for what a container has to do. */
const LONG = 900_000;
const VERSION = `1.0-1.${HOST_TAG}`;
const PLACE = `/default/registry/deb/${HOST_CODENAME}/main/`;

describe('the pages, in a browser', () => {
  let workshop: DebWorkshop;
  let web: WebProgram;
  let browser: TestBrowser;
  let page: Page;
  let built = '';

  const heading = () => page.getByRole('heading', { level: 1 }).innerText();
  const ended = async (result: 'success' | 'failed') => {
    await page.locator(`#facts .chip-${result}`).waitFor({ timeout: LONG });
  };
  const press = (name: string | RegExp) => page.getByRole('button', { name }).first().click();
  const go = async (path: string) => {
    const answer = await page.goto(path, { waitUntil: 'domcontentloaded' });
    return answer?.status();
  };

  beforeAll(async () => {
    workshop = await DebWorkshop.open();
    await writeFile(join(workshop.installation.home, 'etc/policy.ini'), POLICY);
    await workshop.define('greet', '1.0', (files) => ({
      ...files,
      ...debPackaging('greet', {
        rules: `override_dh_auto_build:\n\tprintf '\\033[31mred <img src=x onerror=alert(1)>\\033[0m\\n'\n`,
      }),
    }));
    await workshop.define('broken', '1.0', (files) => ({ ...files, 'artifact.yml': 'source: [' }));
    web = await WebProgram.start(workshop.installation.home);
    browser = await TestBrowser.open(web.url);
    page = await browser.context.newPage();
  });
  afterEach(() => {
    expect(browser.complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await web?.stop();
    await workshop?.close();
  });

  it('lead strangers from the instances to what everybody may see', async () => {
    await go('/');
    await page.getByRole('link', { name: /Default/ }).click();
    expect(await heading()).toBe('Registries');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to the content');
  });

  it('tell who may not do something how to get in, and what was perhaps meant', async () => {
    expect(await go('/default/dashboard')).toBe(403);
    expect(await page.getByRole('alert').innerText()).toContain('signed in');
    expect(await inspect(page, 'error-403')).toEqual([]);
    expect(await go(`/default/registry/deb/${HOST_CODENAME}x/`)).toBe(404);
    await page.getByRole('link', { name: HOST_CODENAME, exact: true }).click();
    expect(await heading()).toBe(HOST_CODENAME);
    // The browser itself complains about their statuses.
    expect(browser.complaints.splice(0).every((text) => /status of 40[34]/.test(text))).toBe(true);
  });

  it('let a token in that was issued here, and no other', async () => {
    await go('/default/tokens');
    await page.getByLabel('User').fill('tester');
    await press('Issue');
    const token = await page.locator('#token').innerText();
    expect(await inspect(page, 'tokens')).toEqual([]);
    await go('/default/sign-in?next=/default/history');
    await page.getByLabel('Token').fill(`${token}x`);
    await press('Sign in');
    expect(await page.getByRole('alert').innerText()).toMatch(/refused/);
    expect(await inspect(page, 'sign-in')).toEqual([]);
    expect(browser.complaints.splice(0).every((text) => text.includes('401'))).toBe(true);
    await page.getByLabel('Token').fill(token);
    await press('Sign in');
    expect(new URL(page.url()).pathname).toBe('/default/history');
    expect(await page.locator('.who').innerText()).toContain('tester');
    const cookies = await browser.context.cookies();
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }]);
  });

  it('cancel a task that waits while another one runs', async () => {
    await go('/default/images');
    await press('Create the image');
    const running = page.url();
    await go('/default/images');
    await press('Create the image');
    await press('Cancel');
    await ended('failed');
    expect(await page.locator('.note-bad').innerText()).toContain('cancelled by tester');
    await go('/default/dashboard');
    expect(await page.locator('#live').innerText()).toContain('Create the deb image');
    expect(await inspect(page, 'dashboard-busy')).toEqual([]);
    await go(running);
    expect(await inspect(page, 'task-running')).toEqual([]);
    await ended('success');
    expect(await page.locator('#log .l-end').innerText()).toContain('Task succeeded');
  });

  it('make keyring and environment, each on a page that follows its task', async () => {
    await go('/default/keyring');
    await press('Create the keyring');
    await ended('success');
    await go('/default/images');
    await press(new RegExp(`^Create ${HOST_CODENAME} `));
    await ended('success');
    await go('/default/images');
    expect(await inspect(page, 'images')).toEqual([]);
  });

  it('pack a folder, submit it, and follow the build to its end', async () => {
    await go('/default/submit');
    await page.locator('#folder').setInputFiles(join(workshop.definitions, 'greet'));
    await page.getByText(/Packed \d+ files of "greet"/).waitFor();
    expect(await page.getByLabel('Artifact', { exact: true }).inputValue()).toBe('greet');
    await page.getByLabel('Author').fill('Ann Author');
    await page.getByLabel('Email').fill('ann@acme.example');
    await page.getByLabel('Changelog entry').fill('First <b>entry</b>');
    expect(await inspect(page, 'submit')).toEqual([]);
    await press(/^Submit$/);
    built = page.url();
    await ended('success');
    const facts = await page.locator('#facts').innerText();
    expect(facts).toContain('Ann Author <ann@acme.example>');
    expect(facts).toContain('by tester');
    expect(facts).toMatch(/source\s+\d/);
    expect(facts).toContain(`greet_${VERSION}_all.deb`);
  });

  it('show a log in colours, line by line, and nothing that it tries', async () => {
    await go(built);
    const red = page.locator('#log .f1', { hasText: 'red' }).first();
    // What is out of sight is not laid out, so it has no inner text.
    expect(await red.textContent()).toBe('red <img src=x onerror=alert(1)>');
    expect(await page.locator('#log img').count()).toBe(0);
    const line = await red.evaluate((span) => span.closest('.l')!.id);
    await go('/default/dashboard');
    await go(`${built}#${line}`);
    expect(await page.locator(`#${line}`).evaluate((one) => one.matches(':target'))).toBe(true);
    expect(await inspect(page, 'task-done')).toEqual([]);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download', exact: true }).click();
    expect((await (await download).createReadStream()).readable).toBe(true);
    const file = page.waitForEvent('download');
    await page.getByRole('link', { name: `greet_${VERSION}_all.deb` }).click();
    expect((await file).suggestedFilename()).toBe(`greet_${VERSION}_all.deb`);
  });

  it('work without JavaScript: a build that fails, its log, and its first error with it', async () => {
    const plain = await TestBrowser.open(web.url, { javaScript: false });
    try {
      await plain.context.addCookies(await browser.context.cookies());
      const form = await plain.context.newPage();
      await form.goto('/default/submit');
      const archive = join(workshop.installation.home, 'broken.tar.gz');
      await execute(['tar', '-czf', archive, '-C', join(workshop.definitions, 'broken'), '.']);
      await form.getByLabel('Definition, as an archive').setInputFiles(archive);
      await form.getByLabel('Artifact', { exact: true }).fill('broken');
      await form.getByLabel('Author').fill('Ann');
      await form.getByLabel('Email').fill('ann@acme.example');
      await form.getByLabel('Changelog entry').fill('No');
      await form.getByRole('button', { name: 'Submit' }).click();
      // This page ends when the task does.
      await form.goto(`${form.url()}?follow`);
      expect(await form.locator('#log').innerText()).toContain('Task failed');
      await go(form.url().replace('?follow', ''));
      for (const path of PAGES) {
        await form.goto(path);
        expect(await form.locator('h1').count()).toBe(1);
      }
    } finally {
      await plain.close();
    }
    await page.getByRole('link', { name: 'First error' }).click();
    expect(await page.locator('.l:target').innerText()).toMatch(/artifact\.yml/);
    expect(await inspect(page, 'task-failed')).toEqual([]);
    await press('Do it again');
    await ended('failed');
    expect(await page.locator('#facts').innerText()).toContain('Repeats');
  });

  it('lead from a search to an artifact, and tell how to install it', async () => {
    await go('/default/registry/');
    await page.getByRole('searchbox').fill('gre');
    await page.keyboard.press('Enter');
    expect(await inspect(page, 'search')).toEqual([]);
    await page.locator('table').getByRole('link', { name: 'greet' }).first().click();
    expect(await heading()).toBe(`greet ${VERSION}`);
    const setup = await page.locator('#setup-content').innerText();
    expect(setup).toContain(`URIs: ${web.url}/default/deb`);
    expect(setup).toContain('BEGIN PGP PUBLIC KEY BLOCK');
    expect(await page.locator('#setup-commands').innerText()).toContain('apt install greet');
    expect(await page.locator('main').innerText()).toContain('First <b>entry</b>');
    expect(await page.locator('main').innerText()).toContain('/usr/bin/greet');
    expect(await inspect(page, 'artifact')).toEqual([]);
    await page.getByRole('link', { name: 'greet' }).first().click();
    expect(await page.locator('main').innerText()).toContain('Packages built from it');
  });

  it.each([
    ['instances', '/'],
    ['dashboard', '/default/dashboard'],
    ['history', '/default/history'],
    ['registries', '/default/registry/'],
    ['format', '/default/registry/deb/'],
    ['distribution', `/default/registry/deb/${HOST_CODENAME}/`],
    ['derivative', PLACE],
    ['keyring', '/default/keyring'],
    ['sign-in-empty', '/default/sign-in'],
  ])('are for everybody, in light and dark, on every screen: %s', async (name, path) => {
    await go(path);
    expect(await inspect(page, name)).toEqual([]);
  });

  it('delete an artifact, after saying what goes with it', async () => {
    await go(`${PLACE}src/greet/`);
    await page.getByRole('link', { name: /^Delete/ }).click();
    expect(await page.locator('main').innerText()).toMatch(/greet .*any architecture/);
    expect(await inspect(page, 'delete')).toEqual([]);
    await press('Delete 2 packages');
    await ended('success');
    await go(PLACE);
    expect(await page.locator('main').innerText()).toContain('Nothing is published here yet');
  });

  it('find tasks in the history', async () => {
    await go('/default/history');
    const rows = () => page.locator('tbody tr').count();
    const all = await rows();
    await page.getByLabel('Artifact', { exact: true }).last().fill('broken');
    await page.getByLabel('Result').selectOption('failed');
    await press('Filter');
    expect(await rows()).toBe(2);
    expect(new URL(page.url()).search).toContain('artifact=broken');
    await page.getByRole('link', { name: 'All', exact: true }).click();
    expect(await rows()).toBe(all);
  });

  it('refuse a form that does not come from them', async () => {
    const answer = await page.request.post('/default/keyring/renew', {
      form: { duration: '1y' },
      headers: { accept: 'text/html' },
    });
    expect(answer.status()).toBe(403);
  });

  it('let nobody stay who signs out', async () => {
    await go('/default/dashboard');
    await press('Sign out');
    expect(await browser.context.cookies()).toEqual([]);
    expect(await go('/default/dashboard')).toBe(403);
    browser.complaints.length = 0;
  });
});

/** Every page there is by an address of its own. */
const PAGES = [
  ...['/', '/default/dashboard', '/default/history', '/default/submit', '/default/images'],
  ...['/default/keyring', '/default/tokens', '/default/search?artifact=gre', '/default/registry/'],
  ...['/default/registry/deb/', `/default/registry/deb/${HOST_CODENAME}/`, PLACE],
  ...[`${PLACE}src/greet/`, `${PLACE}noarch/greet/`],
];
