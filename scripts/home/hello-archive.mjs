// GNU hello's release archive, from the package sources of this machine: their mirror is known to answer, and
// the distribution carries upstream's archive unchanged.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { execute } from './commands.mjs';

export const HELLO_SHA256 = '31e066137a962676e89f69d1b65382de95a7ef7d914b8cb956f41ea72e0f516b';

/**
 * Brings the archive to `target`, verified; one that is there already is kept.
 *
 * @param {string} target path of the file; its folder exists
 * @param {{ codename: string, scratch: string, signal?: AbortSignal }} options `scratch`: a folder for the
 *   package lists, removed afterwards
 * @returns {Promise<'kept' | 'fetched'>}
 */
export async function obtainHelloArchive(target, { codename, scratch, signal }) {
  if ((await sha256(target)) === HELLO_SHA256) return 'kept';
  await rm(scratch, { recursive: true, force: true });
  await mkdir(join(scratch, 'lists/partial'), { recursive: true });
  try {
    const options = await privateApt(scratch, codename);
    // One source of several may be down; what counts is whether the archive is found.
    await execute(['apt-get', ...options, '-q', 'update'], { signal, accept: [0, 100] });
    const { stdout } = await execute(
      ['apt-get', ...options, '-qq', 'source', '--print-uris', 'hello'],
      { signal, capture: true, accept: [0, 100] },
    );
    const url = new RegExp(`^'([^']+)' \\S+ \\d+ SHA256:${HELLO_SHA256}\\s*$`, 'm').exec(
      stdout,
    )?.[1];
    if (url === undefined) {
      throw new Error(
        `the package sources of this machine do not carry GNU hello 2.10; put its archive at ${target}`,
      );
    }
    const fetched = join(scratch, 'archive');
    await execute(
      [
        '/usr/lib/apt/apt-helper',
        ...options,
        'download-file',
        url,
        fetched,
        `SHA256:${HELLO_SHA256}`,
      ],
      { signal },
    );
    if ((await sha256(fetched)) !== HELLO_SHA256) throw new Error(`${url} is not GNU hello 2.10`);
    // Both are below the home: a rename, and never a half archive at the target.
    await rename(fetched, target);
    return 'fetched';
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
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
  if (!written) throw new Error('/etc/apt names no package source to take GNU hello from');
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
