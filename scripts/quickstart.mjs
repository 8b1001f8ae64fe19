// The story of Fatbuildr on this machine, step by step; scripts/quickstart calls it. The first steps run
// before the node modules are there, so everything imported here is part of Node or of these scripts.
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute } from './home/commands.mjs';
import { CommandLine, Daemon } from './home/daemon.mjs';
import { existingImages, withEngine } from './home/engine.mjs';
import { installHello } from './home/hello-client.mjs';
import { placeSources } from './home/source-archives.mjs';
import { hostRelease } from './home/host.mjs';
import { createImages, createKey, writeInstance } from './home/instance.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const home = resolve(process.env.FATBUILDR_HOME || join(root, 'var'));
const AUTHOR = ['-n', 'Quickstart', '-e', 'quickstart@acme.example'];

const stopping = new AbortController();
const { signal } = stopping;
for (const [name, number] of [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
]) {
  process.on(name, () => {
    if (signal.aborted) return;
    process.exitCode = 128 + number;
    console.log('\nquickstart: stopping what was started');
    stopping.abort(new Error(`stopped by ${name}`));
  });
}

const STEPS = 8;
let count = 0;

/** Announces a step, does it and says how long it took. */
async function step(title, work) {
  count += 1;
  const began = performance.now();
  console.log(`\n[${count}/${STEPS}] ${title}`);
  signal.throwIfAborted();
  const result = await work();
  console.log(`      done in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return result;
}

const note = (text) => console.log(`      ${text}`);

/** Paths below the project as a reader there types them. */
function shownPath(path) {
  const short = relative(root, path);
  return short.startsWith('..') ? path : short;
}

async function story() {
  const began = performance.now();
  await step('Install what is missing', () =>
    execute([join(root, 'scripts/install-missing'), 'run'], { signal }),
  );
  await step('Build Fatbuildr', () => execute([join(root, 'scripts/build')], { signal }));

  const release = await hostRelease();
  const { codename } = release;
  const ctl = new CommandLine({ root, home, signal });
  const scratch = join(home, 'quickstart');
  await mkdir(scratch, { recursive: true, mode: 0o700 });

  const made = await step(`Prepare ${shownPath(home)}`, async () => {
    const file = await writeInstance({ home, name: 'Quickstart', ...release });
    note(file.written ? `wrote ${shownPath(file.path)}` : `${shownPath(file.path)} is there`);
    const hello = join(root, 'examples/hello');
    const source = await placeSources({ home, codename, definitions: [hello], signal });
    note(
      source === 'kept'
        ? "GNU hello's archive is in the cache"
        : "GNU hello's archive is fetched and verified",
    );
    return withEngine({ root, home }, (engine) => existingImages(engine, { root, codename }));
  });

  const daemon = await step('Start the daemon', () =>
    Daemon.start({ root, home, log: join(home, 'quickstart.log'), signal }),
  );
  let published;
  try {
    await step('Key that signs the packages', async () => {
      if (!(await createKey(ctl))) note('there is one');
    });
    await step('Image with the tools of the format, and a clean build environment', async () => {
      await createImages(ctl, made, { codename, note });
    });
    published = await step('Build, sign and publish GNU hello from examples/hello', async () => {
      const place = ['-a', 'hello', '-b', join(root, 'examples'), '-d', codename];
      await ctl.run('build', ...place, ...AUTHOR, '-m', 'Build of the quickstart');
      await ctl.run('registry', 'list', '-d', codename);
      const listed = await ctl.json('registry', 'list', '-d', codename, '-a', 'hello');
      const versions = listed.filter(({ name }) => name === 'hello').map(({ version }) => version);
      return { versions, key: await ctl.text('keyring', 'export') };
    });
  } finally {
    await daemon.stop();
  }

  await step('Install it with apt in a container that trusts this key alone', async () => {
    const installed = await withEngine({ root, home }, (engine) =>
      installHello(engine, { home, scratch, codename, ...published, image: made.name, signal }),
    );
    note(`apt installed hello ${installed}, ours`);
  });
  await rm(scratch, { recursive: true, force: true });

  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const shown = shownPath(home);
  console.log(`
All of it took ${seconds} s; a second run takes a fraction. What to try next:

  npm start                                        the daemon in the foreground, on the same ${shown}
  bin/fatbuildrctl --home ${shown} history             what was built
  bin/fatbuildrctl --home ${shown} registry -d ${codename}   what is published
  bin/fatbuildrctl --home ${shown} build -d ${codename} -a hello -b examples

The registry is a folder that apt reads: ${join(shown, 'registry/default/deb')}
README.md tells how to write a definition of your own.`);
}

try {
  await story();
} catch (fault) {
  console.error(`\nquickstart: ${fault instanceof Error ? fault.message : fault}`);
  process.exitCode ||= 1;
}
