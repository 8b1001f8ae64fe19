import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { inspect, TestBrowser } from '../e2e/support/browser';
import { DebWorkshop } from '../e2e/support/deb-workshop';
import { debPackaging } from '../e2e/support/definitions';
import { HOST_CODENAME, HOST_TAG } from '../e2e/support/host';
import { execute } from '../e2e/support/installation';
import { tellPageChangesStory } from '../e2e/support/page-changes-story';
import { tellPageTerminalStory } from '../e2e/support/page-terminal-story';
import { Visitor } from '../e2e/support/visitor';
import { WebProgram } from '../e2e/support/web-program';

jest.setTimeout(1_200_000);

const POLICY = `[roles]
anonymous
viewer = guest, leaver
user = tester

[anonymous]
actions = view-pipeline, view-registry, view-keyring, manage-token

[viewer]
actions = @anonymous, view-task

[user]
actions = @anonymous, view-task, manage-task, purge-history, edit-registry, build, edit-keyring, manage-image
`;

const VERSION = `1.0-1.${HOST_TAG}`;
const PLACE = `/default/registry/deb/${HOST_CODENAME}/main/`;

describe('the pages, in a browser', () => {
  let workshop: DebWorkshop;
  let web: WebProgram;
  let visitor: Visitor;
  let page: Page;
  let built = '';

  beforeAll(async () => {
    workshop = await DebWorkshop.open('[tasks]\npurge = last:3\n');
    await writeFile(join(workshop.installation.home, 'etc/policy.ini'), POLICY);
    await workshop.define('greet', '1.0', (files) => ({
      ...files,
      ...debPackaging('greet', {
        rules: `override_dh_auto_build:\n\tprintf '\\033[31mred <img src=x onerror=alert(1)>\\033[0m\\n'\n`,
      }),
    }));
    await workshop.define('broken', '1.0', (files) => ({ ...files, 'artifact.yml': 'source: [' }));
    web = await WebProgram.start(workshop.installation.home);
    visitor = await Visitor.come(web.url);
    page = visitor.page;
  });
  afterEach(() => {
    expect(visitor.complaints()).toEqual([]);
  });
  afterAll(async () => {
    await visitor?.leave();
    await web?.stop();
    await workshop?.close();
  });

  it('lead strangers from the instances to what everybody may see', async () => {
    await visitor.go('/');
    await page.getByRole('link', { name: /Default/ }).click();
    expect(await visitor.heading()).toBe('Registries');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to the content');
  });

  it('tell who may not do something how to get in, and what was perhaps meant', async () => {
    expect(await visitor.go('/default/dashboard')).toBe(403);
    expect(await page.getByRole('alert').innerText()).toContain('signed in');
    expect(await inspect(page, 'error-403')).toEqual([]);
    expect(await visitor.go(`/default/registry/deb/${HOST_CODENAME}x/`)).toBe(404);
    await page.getByRole('link', { name: HOST_CODENAME, exact: true }).click();
    expect(await visitor.heading()).toBe(HOST_CODENAME);
    // The browser itself complains about their statuses.
    expect(visitor.complaints().every((text) => /status of 40[34]/.test(text))).toBe(true);
  });

  it('let a token in that was issued here, and no other', async () => {
    const token = await visitor.issueToken('tester');
    expect(await inspect(page, 'tokens')).toEqual([]);
    await visitor.signIn(`${token}x`, '/default/history');
    expect(await page.getByRole('alert').innerText()).toMatch(/refused/);
    expect(await inspect(page, 'sign-in')).toEqual([]);
    expect(visitor.complaints().every((text) => text.includes('401'))).toBe(true);
    await page.getByLabel('Token').fill(token);
    await visitor.press('Sign in');
    expect(new URL(page.url()).pathname).toBe('/default/history');
    expect(await page.locator('.who').innerText()).toContain('tester');
    const cookies = await visitor.browser.context.cookies();
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }]);
  });

  it('cancel a task that waits while another one runs', async () => {
    await visitor.go('/default/images');
    await visitor.press('Create the image');
    const running = page.url();
    await visitor.go('/default/images');
    await visitor.press('Create the image');
    await visitor.press('Cancel');
    await visitor.ended('failed');
    expect(await page.locator('.note-bad').innerText()).toContain('cancelled by tester');
    await visitor.go('/default/dashboard');
    expect(await page.locator('#live').innerText()).toContain('Create the deb image');
    expect(await inspect(page, 'dashboard-busy')).toEqual([]);
    await visitor.go(running);
    expect(await inspect(page, 'task-running')).toEqual([]);
    await visitor.ended('success');
    expect(await page.locator('#log .l-end').innerText()).toContain('Task succeeded');
  });

  it('make keyring and environment, each on a page that follows its task', async () => {
    await visitor.go('/default/keyring');
    await visitor.press('Create the keyring');
    await visitor.ended('success');
    await visitor.go('/default/images');
    await visitor.press(new RegExp(`^Create ${HOST_CODENAME} `));
    await visitor.ended('success');
    await visitor.go('/default/images');
    expect(await inspect(page, 'images')).toEqual([]);
  });

  tellPageTerminalStory(() => ({ workshop, web, visitor }));

  it('pack a folder, submit it, and follow the build to its end', async () => {
    await visitor.go('/default/submit');
    await page.locator('#folder').setInputFiles(join(workshop.definitions, 'greet'));
    await page.getByText(/Packed \d+ files of "greet"/).waitFor();
    expect(await page.getByLabel('Artifact', { exact: true }).inputValue()).toBe('greet');
    await page.getByLabel('Author').fill('Ann Author');
    await page.getByLabel('Email').fill('ann@acme.example');
    await page.getByLabel('Changelog entry').fill('First <b>entry</b>');
    expect(await inspect(page, 'submit')).toEqual([]);
    await visitor.press(/^Submit$/);
    built = page.url();
    await visitor.ended('success');
    const facts = await page.locator('#facts').innerText();
    expect(facts).toContain('Ann Author <ann@acme.example>');
    expect(facts).toContain('by tester');
    expect(facts).toMatch(/source\s+\d/);
    expect(facts).toContain(`greet_${VERSION}_all.deb`);
  });

  it('show a log in colours, line by line, and nothing that it tries', async () => {
    await visitor.go(built);
    const red = page.locator('#log .f1', { hasText: 'red' }).first();
    // What is out of sight is not laid out, so it has no inner text.
    expect(await red.textContent()).toBe('red <img src=x onerror=alert(1)>');
    expect(await page.locator('#log img').count()).toBe(0);
    const line = await red.evaluate((span) => span.closest('.l')!.id);
    await visitor.go('/default/dashboard');
    await visitor.go(`${built}#${line}`);
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
      await plain.context.addCookies(await visitor.browser.context.cookies());
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
      await visitor.go(form.url().replace('?follow', ''));
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
    await visitor.press('Do it again');
    await visitor.ended('failed');
    expect(await page.locator('#facts').innerText()).toContain('Repeats');
  });

  it('lead from a search to an artifact, and tell how to install it', async () => {
    await visitor.go('/default/registry/');
    await page.getByRole('searchbox').fill('gre');
    await page.keyboard.press('Enter');
    expect(await inspect(page, 'search')).toEqual([]);
    await page.locator('table').getByRole('link', { name: 'greet' }).first().click();
    expect(await visitor.heading()).toBe(`greet ${VERSION}`);
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
    await visitor.go(path);
    expect(await inspect(page, name)).toEqual([]);
  });

  it('delete an artifact, after saying what goes with it', async () => {
    await visitor.go(`${PLACE}src/greet/`);
    await page.getByRole('link', { name: /^Delete/ }).click();
    expect(await page.locator('main').innerText()).toMatch(/greet .*any architecture/);
    expect(await inspect(page, 'delete')).toEqual([]);
    await visitor.press('Delete 2 packages');
    await visitor.ended('success');
    await visitor.go(PLACE);
    expect(await page.locator('main').innerText()).toContain('Nothing is published here yet');
  });

  it('find tasks in the history', async () => {
    await visitor.go('/default/history');
    const rows = () => page.locator('tbody tr').count();
    const all = await rows();
    await page.getByLabel('Artifact', { exact: true }).last().fill('broken');
    await page.getByLabel('Result').selectOption('failed');
    await visitor.press('Filter');
    expect(await rows()).toBe(2);
    expect(new URL(page.url()).search).toContain('artifact=broken');
    await page.getByRole('link', { name: 'All', exact: true }).click();
    expect(await rows()).toBe(all);
  });

  tellPageChangesStory(() => ({ workshop, web, visitor }));

  it('refuse a form that does not come from them', async () => {
    const answer = await page.request.post('/default/keyring/renew', {
      form: { duration: '1y' },
      headers: { accept: 'text/html' },
    });
    expect(answer.status()).toBe(403);
  });

  it('let nobody stay who signs out', async () => {
    await visitor.go('/default/dashboard');
    await visitor.press('Sign out');
    expect(await visitor.browser.context.cookies()).toEqual([]);
    expect(await visitor.go('/default/dashboard')).toBe(403);
    visitor.complaints();
  });
});

/** Every page there is by an address of its own. */
const PAGES = [
  ...['/', '/default/dashboard', '/default/history', '/default/submit', '/default/images'],
  ...['/default/keyring', '/default/tokens', '/default/search?artifact=gre', '/default/registry/'],
  ...['/default/registry/deb/', `/default/registry/deb/${HOST_CODENAME}/`, PLACE],
  ...[`${PLACE}src/greet/`, `${PLACE}noarch/greet/`],
];
