/**
 * The walls between the rooms, checked over the whole tree at once (`npm run deps:check`). The lint rules
 * hold the same walls in the editor; cycles, strays and undeclared packages can only be seen from here.
 */

/** What belongs to the tests of a room, not to the room. */
const TESTS = '\\.spec\\.ts$|/fixtures/|/testing/';

/** The one room that names formats, imported as @fatbuildr/formats. */
const FORMAT_LIST = '^libs/formats/src/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one thing in two places, or a port is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-cycles-between-libs',
      comment: 'Libs depend on each other in one direction, whichever files the imports are in.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^libs/((?:formats/)?[^/]+)' },
      to: { circular: true, path: '^libs/', pathNot: '^libs/$1(?:/|$)' },
    },
    {
      name: 'libs-never-import-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-do-not-import-each-other',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-are-entered-by-their-index',
      comment: 'src/index.ts is the only door of a lib.',
      severity: 'error',
      from: { path: '^(?:apps|test|bench)/' },
      to: { path: '^libs/', pathNot: '^libs/(?:formats/)?[^/]+/src/index\\.ts$' },
    },
    {
      name: 'libs-enter-each-other-by-the-index',
      comment: 'src/index.ts is the only door of a lib.',
      severity: 'error',
      from: { path: '^libs/([^/]+|formats/[^/]+)/src/' },
      to: { path: '^libs/', pathNot: '^libs/(?:$1/src/|(?:formats/)?[^/]+/src/index\\.ts$)' },
    },
    {
      name: 'formats-are-plug-ins',
      comment: 'A format is named by the list of formats (libs/formats/src) and nowhere else.',
      severity: 'error',
      from: { path: '^(?:apps|libs)/', pathNot: '^libs/formats/' },
      to: { path: '^libs/formats/', pathNot: FORMAT_LIST },
    },
    {
      name: 'only-apps-take-the-list-of-formats',
      severity: 'error',
      from: { path: '^libs/', pathNot: FORMAT_LIST },
      to: { path: FORMAT_LIST },
    },
    {
      name: 'formats-do-not-know-each-other',
      severity: 'error',
      from: { path: '^libs/formats/([^/]+)/', pathNot: FORMAT_LIST },
      to: { path: '^libs/formats/', pathNot: '^libs/formats/$1/' },
    },
    {
      name: 'one-way-to-run-a-command',
      comment:
        '@fatbuildr/processes takes argument vectors and gives a plain environment and deadlines.',
      severity: 'error',
      from: { path: '^(?:apps|libs)/', pathNot: ['^libs/processes/', TESTS] },
      to: { path: '^(?:node:)?child_process$' },
    },
    {
      name: 'no-strays',
      comment: 'A file nobody imports is either forgotten or not wired in.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          TESTS,
          '\\.d\\.ts$',
          '^apps/[^/]+/src/main\\.ts$',
          '(?:^|/)tsconfig[^/]*\\.json$',
        ],
      },
      to: {},
    },
    {
      name: 'no-development-packages-at-run-time',
      severity: 'error',
      from: { path: '^(?:apps|libs)/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'What is imported stands in package.json: others may stop bringing it along.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-deprecated-modules-of-node',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['deprecated'] },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^(?:apps|libs)/', pathNot: TESTS },
      to: { path: [TESTS, '^test/', '^bench/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|var|coverage)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
};
