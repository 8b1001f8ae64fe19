// Upstream's release archives, from the package sources of this machine: their mirror is known to answer, and a
// distribution carries them unchanged. They go where the daemon looks before it downloads: its cache of sources.
// Definitions name upstream's server; this machine may reach nothing but its package mirror.
//
//   node scripts/home/source-archives.mjs HOME DEFINITION[=SOURCE PACKAGE]…
//
// DEFINITION is a folder of an artifact with one source; the source package is named alike unless said.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute } from './commands.mjs';
import { hostRelease } from './host.mjs';

/**
 * Brings the archives of definitions to the cache of a home, verified; those that are there already are kept.
 *
 * @param {{ home: string, codename: string, definitions: string[], signal?: AbortSignal }} options
 *   `definitions`: as on the command line
 * @returns {Promise<'kept' | 'fetched'>} `kept` when all were there
 */
export async function placeSources({ home, codename, definitions, signal }) {
  const missing = [];
  for (const definition of definitions) {
    const archive = await readSource(home, ...definition.split('='));
    if ((await sha256(archive.target)) !== archive.checksum) missing.push(archive);
  }
  if (missing.length === 0) return 'kept';
  const scratch = join(home, 'cache/apt-lists');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(join(scratch, 'lists/partial'), { recursive: true, mode: 0o700 });
  try {
    const options = await privateApt(scratch, codename);
    // One source of several may be down; what counts is whether the archives are found.
    await execute(['apt-get', ...options, '-q', 'update'], { signal, accept: [0, 100] });
    for (const archive of missing) await obtain(archive, { options, scratch, signal });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return 'fetched';
}

/** The place is as `SourceCache` of libs/artifacts lays it out: artifact, checksum shortened, name in the URL. */
async function readSource(home, folder, sourcePackage = basename(folder)) {
  // Not at the top: the quickstart begins before any package is installed.
  const { parse } = await import('yaml');
  const text = await readFile(join(folder, 'artifact.yml'), 'utf8');
  const { source, version, checksums } = parse(text);
  const checksum = checksums[version].sha256;
  const name = basename(source.replace(/.*!/, '').replaceAll(/\{\{ *version *\}\}/g, version));
  const place = join('cache/sources', basename(folder), `sha256-${checksum.slice(0, 32)}`, name);
  return {
    label: `${basename(folder)} ${version}`,
    sourcePackage,
    checksum,
    target: join(home, place),
  };
}

async function obtain({ label, sourcePackage, checksum, target }, { options, scratch, signal }) {
  const { stdout } = await execute(
    ['apt-get', ...options, '-qq', 'source', '--print-uris', sourcePackage],
    { signal, capture: true, accept: [0, 100] },
  );
  const url = new RegExp(`^'([^']+)' \\S+ \\d+ SHA256:${checksum}\\s*$`, 'm').exec(stdout)?.[1];
  if (url === undefined) {
    throw new Error(
      `the package sources of this machine do not carry ${label}; put its archive at ${target}`,
    );
  }
  const fetched = join(scratch, 'archive');
  await execute(
    ['/usr/lib/apt/apt-helper', ...options, 'download-file', url, fetched, `SHA256:${checksum}`],
    { signal },
  );
  if ((await sha256(fetched)) !== checksum) throw new Error(`${url} is not ${label}`);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  // Both are below the home: a rename, and never a half archive at the target.
  await rename(fetched, target);
}

/** APT options that read our list of sources only and leave the machine's own state alone. */
async function privateApt(scratch, codename) {
  const parts = join(scratch, 'sources.list.d');
  await mkdir(parts);
  const files = new Map();
  for (const path of await sourceFiles()) files.set(path, await readFile(path, 'utf8'));
  // Lists may call a release by its suite (stable, testing) instead: then every entry is tried.
  const written =
    (await writeSources(parts, files, codename)) || (await writeSources(parts, files, undefined));
  if (!written) throw new Error('/etc/apt names no package source to take upstream archives from');
  return [
    ...['-o', 'Dir::Etc::sourcelist=-'],
    ...['-o', `Dir::Etc::sourceparts=${parts}`],
    ...['-o', `Dir::State::lists=${join(scratch, 'lists')}`],
    ...['-o', 'Dir::Cache::srcpkgcache='],
    ...['-o', 'Dir::Cache::pkgcache='],
    ...['-o', 'Acquire::Languages=none'],
    // The folders below the home are closed to the user apt would change to.
    ...['-o', 'APT::Sandbox::User=root'],
  ];
}

async function writeSources(folder, files, codename) {
  let count = 0;
  for (const [path, content] of files) {
    const entries = sourcesOf(content, path, codename);
    if (entries === '') continue;
    await writeFile(join(folder, `${count++}${extname(path)}`), entries);
  }
  return count > 0;
}

async function sourceFiles() {
  const folder = '/etc/apt/sources.list.d';
  const parts = await readdir(folder).catch(() => []);
  const files = parts
    .filter((name) => /\.(list|sources)$/.test(name))
    .map((name) => join(folder, name));
  const readable = await readFile('/etc/apt/sources.list').then(
    () => ['/etc/apt/sources.list'],
    () => [],
  );
  return [...readable, ...files.sort()];
}

/**
 * The entries of one file that are about the release (all of them without one), turned into entries of source packages
 * (sources.list(5)); keys and other options of an entry stay as they are.
 */
export function sourcesOf(content, path, codename) {
  if (path.endsWith('.sources')) {
    const suite = new RegExp(`^Suites:(.*\\s)?${codename}(\\s|$)`, 'im');
    return content
      .split(/\n\s*\n/)
      .filter((entry) => /^Types:/im.test(entry))
      .filter((entry) => (codename ? suite.test(entry) : true))
      .filter((entry) => !/^Enabled:\s*no\b/im.test(entry))
      .map((entry) => entry.trim().replace(/^Types:.*$/im, 'Types: deb-src'))
      .map((entry) => `${entry}\n`)
      .join('\n');
  }
  const lines = content
    .split('\n')
    .map((line) => /^\s*deb(?:-src)?\s+((?:\[[^\]]*\]\s+)?\S+\s+(\S+)(?:\s.*)?)$/.exec(line))
    .filter((match) => match !== null && (!codename || match[2] === codename))
    .map(([, entry]) => `deb-src ${entry}\n`);
  return [...new Set(lines)].join('');
}

async function sha256(path) {
  const content = await readFile(path).catch((fault) => {
    if (fault.code === 'ENOENT') return undefined;
    throw fault;
  });
  return content && createHash('sha256').update(content).digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [home, ...definitions] = process.argv.slice(2);
  const { codename } = await hostRelease();
  await placeSources({ home: resolve(home), codename, definitions });
}
