// Builds of GNU hello, the first one, which installs its dependencies, and later ones, which find them cached:
// ours from the request to the published package, beside the same dpkg-buildpackage by hand in the same
// environment, and beside cowbuilder with reprepro, which installs them every time.
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withEngine } from '../scripts/home/engine.mjs';
import { withDaemon } from './bench-daemon.mjs';
import { Cowbuilder } from './cowbuilder.mjs';
import { HandBuild } from './hand-build.mjs';
import { alone, compared, median, seconds } from './table.mjs';

/** Seconds everything that is ours may add to dpkg-buildpackage. */
const OVERHEAD = 3;
/** We are to be at least 1.3 times as fast. */
const AGAINST_COWBUILDER = 0.77;

export async function measureRebuilds(bench) {
  const { home, codename, runs, signal, say } = bench;
  const scratch = join(home, 'scratch');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });

  say('a build of hello, whose source is built by hand as well');
  await withDaemon(bench, () => build(bench));
  const source = await newestSource(join(home, 'registry/default/deb/pool'));
  const cowbuilder = await Cowbuilder.prepare({ home, scratch, codename, signal, say });

  const times = { first: [], ours: [], hand: [], lint: [], cowbuilder: [] };
  for (let run = 1; run <= runs; run++) {
    say(`rebuild ${run} of ${runs}: ours`);
    await withEngine(bench, (engine) => dropLayers(engine, bench.image));
    await withDaemon(bench, async () => {
      times.first.push(await seconds(() => build(bench)));
      times.ours.push(await seconds(() => build(bench)));
    });
    say(`rebuild ${run} of ${runs}: dpkg-buildpackage by hand`);
    await withEngine(bench, async (engine) => {
      const hand = await HandBuild.prepare(engine, { ...bench, source });
      try {
        times.hand.push(await seconds(() => hand.build()));
        times.lint.push(await seconds(() => hand.lint()));
      } finally {
        await hand.remove();
      }
    });
    say(`rebuild ${run} of ${runs}: cowbuilder and reprepro by hand`);
    times.cowbuilder.push(await seconds(() => cowbuilder.build(source)));
    const latest = Object.entries(times).map(([name, all]) => `${name} ${all.at(-1).toFixed(1)} s`);
    say(`rebuild ${run} of ${runs}: ${latest.join(', ')}`);
  }
  await rm(scratch, { recursive: true, force: true });

  const ours = median(times.ours);
  const hand = median(times.hand);
  const beyond = median(times.ours.map((time, run) => time - times.hand[run]));
  return [
    compared('rebuild of hello, beside dpkg-buildpackage by hand', ours, hand, 's'),
    alone('rebuild of hello: what is ours beyond dpkg-buildpackage', beyond, 's', OVERHEAD),
    alone('lintian by hand on the same package, part of the above', median(times.lint), 's'),
    compared(
      'rebuild of hello, beside cowbuilder and reprepro by hand',
      ours,
      median(times.cowbuilder),
      's',
      AGAINST_COWBUILDER,
    ),
    compared(
      'first build of hello, beside cowbuilder and reprepro by hand',
      median(times.first),
      median(times.cowbuilder),
      's',
    ),
  ];
}

/** Forgets the dependencies that builds in the environment have installed. */
async function dropLayers(engine, environment) {
  const layers = { 'org.rackslab.fatbuildr.layer.environment': environment };
  for (const { id } of await engine.listImages(layers)) await engine.removeImage(id);
}

async function build({ root, ctl, codename }) {
  const author = ['-n', 'Bench', '-e', 'bench@acme.example', '-m', 'Measured'];
  await ctl.text('build', '-a', 'hello', '-b', join(root, 'examples'), '-d', codename, ...author);
}

/** Folder and name of the source package published last; its files are all in one folder. */
async function newestSource(pool) {
  const names = await readdir(pool, { recursive: true });
  const found = names.filter((name) => /(^|\/)hello_[^/]*\.dsc$/.test(name));
  if (found.length === 0) throw new Error(`${pool} holds no source package of hello`);
  const files = await Promise.all(
    found.map(async (name) => {
      const path = join(pool, name);
      return { path, published: (await stat(path)).mtimeMs };
    }),
  );
  const { path } = files.sort((a, b) => a.published - b.published).at(-1);
  return { path, folder: dirname(path), name: basename(path) };
}
