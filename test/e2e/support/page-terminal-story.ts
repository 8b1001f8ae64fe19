import { join } from 'node:path';
import { inspect, LOOKS } from './browser';
import type { DebWorkshop } from './deb-workshop';
import { debPackaging } from './definitions';
import { HOST_CODENAME } from './host';
import { Visitor } from './visitor';
import type { WebProgram } from './web-program';

interface Scene {
  workshop: DebWorkshop;
  web: WebProgram;
  visitor: Visitor;
}

/** Columns below which a terminal is on a phone. */
const NARROW = 60;

/** Terminals in the browser; the workshop has image, environment and keyring, the visitor may do everything. */
export function tellPageTerminalStory(open: () => Scene): void {
  it('open a shell in a copy of an environment, for who may type and who may watch', async () => {
    const { web, visitor } = open();
    const { page } = visitor;
    const token = await visitor.issueToken('guest');
    await visitor.go('/default/images');
    await visitor.press(new RegExp(`^Shell ${HOST_CODENAME} `));
    expect(await visitor.heading()).toBe(`Shell in environment ${HOST_CODENAME}`);
    await visitor.terminalSays('Open');
    await visitor.type('echo $((40+2))');
    await visitor.row(/^42\s*$/);
    await visitor.type(String.raw`printf '\033[38;2;255;0;250m%s\n' $((3*7))`);
    await visitor.row(/^21\s*$/);
    const pink = page.locator('.xterm-rows span', { hasText: /^21$/ });
    expect(await pink.getAttribute('style')).toBe('color: rgb(255, 0, 250);');
    const guest = await Visitor.come(web.url);
    try {
      await guest.signIn(token);
      await guest.go(page.url());
      await guest.terminalSays('you may watch');
      await guest.row(/^42\s*$/);
      await guest.type('echo $((40+3))');
      await visitor.type('echo $((40+4))');
      await guest.row(/^44\s*$/);
      expect(await guest.page.locator('.xterm-rows').innerText()).not.toContain('40+3');
      expect(guest.complaints()).toEqual([]);
    } finally {
      await guest.leave();
    }
    expect(await inspect(page, 'terminal')).toEqual([]);
  });

  it('tell the shell the size of its window, and let the keyboard out', async () => {
    const { page } = open().visitor;
    await page.setViewportSize(LOOKS['phone-light'].viewport);
    // The shell hears of it after the page.
    await open().visitor.type(
      `until [ $(stty size | cut -d' ' -f2) -lt ${NARROW} ]; do sleep 0.1; done; echo "size $(stty size)"`,
    );
    const [, rows] = /^size (\d+) \d+\s*$/.exec(await open().visitor.row(/^size \d+ \d+\s*$/))!;
    expect(await page.locator('.xterm-rows > div').count()).toBe(Number(rows));
    await page.setViewportSize(LOOKS['wide-light'].viewport);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('class')).toContain('xterm');
    await page.keyboard.press('Control+F6');
    expect(await page.locator(':focus').getAttribute('id')).toBe('log');
  });

  it('come back to a shell whose page was left, and end it', async () => {
    const { visitor } = open();
    const { page } = visitor;
    await page.reload();
    await visitor.row(/^44\s*$/);
    await visitor.terminalSays('Open');
    await visitor.type('exit');
    await visitor.ended('success');
    await visitor.terminalSays('Ended');
    await page.reload();
    expect(await page.locator('#terminal').count()).toBe(0);
    expect(await page.locator('#log').textContent()).toContain('echo $((40+2))');
  });

  it('open a shell in an image, with all of the keyboard for its programs', async () => {
    const { visitor } = open();
    await visitor.go('/default/images');
    await visitor.press('Shell in the deb image');
    expect(await visitor.heading()).toBe('Shell in the deb image');
    await visitor.terminalSays('Open');
    await visitor.type(
      `tput smcup; tput cup 2 4; echo full; IFS= read -rsn1 key; tput rmcup; echo "key $(printf %s "$key" | od -An -tx1)"`,
    );
    await visitor.row(/^\s*full\s*$/);
    await visitor.page.keyboard.press('Tab');
    await visitor.row(/^key\s+09\s*$/);
    await visitor.type('exit');
    await visitor.ended('success');
  });

  it('open a shell where an interactive build fails', async () => {
    const { visitor, workshop } = open();
    const { page } = visitor;
    await workshop.define('stuck', '1', (files) => ({
      ...files,
      ...debPackaging('stuck', { rules: 'override_dh_auto_build:\n\texit 3\n' }),
    }));
    await visitor.go('/default/submit');
    await page.locator('#folder').setInputFiles(join(workshop.definitions, 'stuck'));
    await page.getByText(/Packed \d+ files of "stuck"/).waitFor();
    await page.getByLabel('Author').fill('Ann Author');
    await page.getByLabel('Email').fill('ann@acme.example');
    await page.getByLabel('Changelog entry').fill('Stuck');
    await page.getByLabel(/^Interactive/).check();
    await visitor.press(/^Submit$/);
    await visitor.terminalSays('Open');
    await visitor.type('sed -n 1p debian/changelog');
    await visitor.row(/^stuck \(1-1/);
    await visitor.type('exit');
    await visitor.ended('failed');
    expect(await page.locator('.note-bad').innerText()).toContain('dpkg-buildpackage');
  });
}
