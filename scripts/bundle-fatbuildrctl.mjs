#!/usr/bin/env node
// Makes dist/fatbuildrctl: the command line in few files, because finding and reading the thousand files
// of its libraries takes several times as long as running them. Call from anywhere, after `npm install`.
import { createRequire } from 'node:module';
import { rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'apps/fatbuildrctl/src');
const target = join(root, 'dist/fatbuildrctl');

/** Parts of nest-commander and dbus-next that the program never calls; each costs tens of milliseconds. */
const UNUSED = {
  inquirer: 'interactive questions of nest-commander',
  cosmiconfig: 'plug-ins of nest-commander',
  '@fig/complete-commander':
    'completions of nest-commander; ours come from the commands themselves',
  xml2js: 'introspection of dbus-next; our calls carry their signatures',
  'event-stream': 'addresses unixexec: of dbus-next',
};

/** What makes packages, which no command does: a file that still imports one of them is refused below. */
const BUILDERS = ['bullmq', 'dockerode', 'ioredis', 'openpgp', 'typeorm'];

/** Packages Nest looks for at run time and does without. */
const OPTIONAL = [
  '@nestjs/microservices',
  '@nestjs/microservices/*',
  '@nestjs/websockets',
  '@nestjs/websockets/*',
  '@nestjs/platform-express',
  'class-validator',
  'class-transformer',
  'class-transformer/*',
  'usocket',
  'x11',
];

const unusedPackages = {
  name: 'unused-packages',
  setup(bundler) {
    const names = Object.keys(UNUSED).map((name) => name.replace(/[/]/g, '\\/'));
    bundler.onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path }) => ({
      path,
      namespace: 'unused',
    }));
    bundler.onLoad({ filter: /./, namespace: 'unused' }, ({ path }) => ({
      contents: stub(path),
      loader: 'js',
    }));
  },
};

/** dbus-next makes an XML builder for each connection, used only by services. */
function stub(name) {
  return name === 'xml2js' ? 'exports.Builder = class Builder {};' : 'module.exports = {};';
}

/**
 * Libraries that few commands need, by the names they are imported by, in files of their own that are read
 * on first use; and the errors, so that all files agree on what a FatbuildrError is.
 */
const SHARED = {
  '@fatbuildr/errors': 'libs/errors/src/index.ts',
  '@fatbuildr/artifacts': 'libs/artifacts/src/index.ts',
  '@fatbuildr/patch-queue': 'libs/patch-queue/src/index.ts',
  '@fatbuildr/protocol-http': 'libs/protocol-http/src/index.ts',
  '../definitions/definition-tools': 'apps/fatbuildrctl/src/definitions/definition-tools.ts',
  yaml: 'node_modules/yaml/dist/index.js',
};

const chunkName = (name) => `./${basename(name)}`;

const sharedChunks = {
  name: 'shared-chunks',
  setup(bundler) {
    bundler.onResolve(
      { filter: new RegExp(`^(${Object.keys(SHARED).join('|')})$`) },
      ({ path }) => ({
        path: chunkName(path),
        external: true,
      }),
    );
  },
};

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Turns import() into require(), which finds the files beside without their extension.
  supported: { 'dynamic-import': false },
  minifyWhitespace: true,
  minifySyntax: true,
  // Nest and nest-commander find classes by their names.
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  tsconfig: join(root, 'tsconfig.json'),
};

// V8 tells code of another source by its length alone: it must never stay beside a new program.
await rm(join(target, 'program.code'), { force: true });
const { metafile } = await build({
  ...shared,
  metafile: true,
  entryPoints: [
    { in: join(source, 'program.ts'), out: 'program' },
    ...Object.entries(SHARED).map(([name, file]) => ({
      in: join(root, file),
      out: chunkName(name),
    })),
  ],
  outdir: target,
  external: [...OPTIONAL, ...BUILDERS],
  plugins: [sharedChunks, unusedPackages],
});
refuseWeight(metafile);
await build({
  ...shared,
  // Version and help are answered by main.js alone.
  entryPoints: [join(source, 'main.ts'), join(source, 'load-program.ts')],
  outdir: target,
});

/**
 * Formats come along for what they say of definitions. What makes packages of these is left out, because no
 * file of libs/ has effects of its own ("sideEffects" of package.json); one import may bring all of it back.
 */
function refuseWeight({ outputs }) {
  for (const [name, { imports, inputs }] of Object.entries(outputs)) {
    const builder = imports.find(({ path }) => BUILDERS.includes(path));
    if (builder) throw new Error(`${name} shall make no packages, but imports ${builder.path}`);
    const nest = Object.keys(inputs).find((path) => path.includes('node_modules/@nestjs/'));
    if (nest && !name.includes('program'))
      throw new Error(`${name} shall be quick, but has ${nest}`);
  }
}

const { loadProgram } = createRequire(import.meta.url)(join(target, 'load-program.js'));
const { exports: program, script } = loadProgram({ program: join(target, 'program.js') });
await writeFile(join(target, 'help.json'), JSON.stringify(await program.programHelp()));
// V8 keeps the code of functions that have run: those of a command that finds no daemon are most.
const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
await program.runProgram(
  { general: { output: 'text', home: join(target, 'none') }, command: ['list'] },
  { ...program.processEnvironment(), stderr },
);
await writeFile(join(target, 'program.code'), script.createCachedData());
