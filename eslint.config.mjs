import { builtinModules } from 'node:module';
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

/** Importing these spellings is refused wherever it happens. */
const refusedImports = [
  {
    regex: '^\\.\\.?/(.*/)?src(/|$)',
    message: 'Import another lib by its name, @fatbuildr/<lib>, never by its path.',
  },
  {
    regex: '^@nestjs/[^/]+/.',
    message: 'Deep imports of Nest packages break with their releases; import the package itself.',
  },
  {
    regex: `^(${builtinModules.filter((name) => !name.startsWith('_') && !name.includes('/')).join('|')})(/|$)`,
    message: 'Spell modules of Node with the prefix "node:".',
  },
];

const refusedProcesses = {
  name: 'node:child_process',
  message:
    'Commands are run by @fatbuildr/processes alone: argument vectors, plain environment, deadlines.',
};

export default tseslint.config(
  {
    ignores: ['dist/', 'var/', 'coverage/', 'node_modules/', 'libs/*/src/generated/'],
  },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    ...js.configs.recommended,
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
      },
    },
  },
  {
    // Scripts of the web pages.
    files: ['share/static/**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['window', 'document', 'location', 'navigator', 'customElements', 'getComputedStyle'],
          ...['Blob', 'CompressionStream', 'CSS', 'CSSStyleSheet', 'DataTransfer', 'DOMParser'],
          ...[
            'EventSource',
            'File',
            'HTMLElement',
            'HTMLSpanElement',
            'ResizeObserver',
            'Response',
          ],
          ...['setInterval', 'TextDecoder', 'TextEncoder', 'WebSocket'],
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly', __dirname: 'readonly' },
    },
  },
  {
    files: ['**/*.ts'],
    extends: [js.configs.recommended, ...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Leaves files with decorators alone: there the metadata needs the value, and the compiler itself
      // (isolatedModules with emitDecoratorMetadata) refuses what would go wrong.
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': true, 'ts-ignore': true },
      ],
      // A port may be asynchronous where one adapter of it has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // A Nest module is a class that carries nothing but its decorator.
      '@typescript-eslint/no-extraneous-class': 'off',
      // Faults of others are handed on unchanged, whatever they are.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      'max-lines': ['error', { max: 400 }],
      eqeqeq: 'error',
      'no-restricted-imports': ['error', { patterns: refusedImports }],
      'no-restricted-globals': [
        'error',
        { name: 'require', message: 'Load lazily with "await import(…)", which keeps the types.' },
      ],
    },
  },
  {
    // The rooms of the house. `.dependency-cruiser.cjs` holds the same walls in CI, with cycles on top.
    files: ['{apps,libs,test,bench}/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { project: 'tsconfig.json' } },
      'boundaries/include': ['apps/**/*.ts', 'libs/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
      'boundaries/dependency-nodes': ['import', 'export', 'dynamic-import'],
      'boundaries/elements': [
        { type: 'app', mode: 'folder', pattern: 'apps/*', capture: ['app'] },
        // The one room that names formats: libs/formats/src, imported as @fatbuildr/formats.
        { type: 'format-list', mode: 'folder', pattern: 'libs/formats/src' },
        { type: 'format', mode: 'folder', pattern: 'libs/formats/!(src)', capture: ['format'] },
        { type: 'lib', mode: 'folder', pattern: 'libs/!(formats)', capture: ['lib'] },
        { type: 'outside', mode: 'folder', pattern: '(test|bench)' },
      ],
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/no-unknown': 'error',
      'boundaries/element-types': [
        'error',
        {
          default: 'disallow',
          message: '${file.type} must not import ${dependency.type} (${dependency.source})',
          rules: [
            { from: 'app', allow: ['lib', 'format-list', ['app', { app: '${from.app}' }]] },
            { from: 'format-list', allow: ['lib', 'format', 'format-list'] },
            { from: 'lib', allow: ['lib'] },
            { from: 'format', allow: ['lib', ['format', { format: '${from.format}' }]] },
            { from: 'outside', allow: ['app', 'format-list', 'lib', 'format', 'outside'] },
          ],
        },
      ],
      'boundaries/entry-point': [
        'error',
        {
          default: 'disallow',
          message: 'a lib is entered through its src/index.ts alone (${dependency.source})',
          rules: [
            { target: ['lib', 'format'], allow: 'src/index.ts' },
            { target: 'format-list', allow: 'index.ts' },
            { target: ['app', 'outside'], allow: '**' },
          ],
        },
      ],
    },
  },
  {
    files: ['libs/**/*.ts', 'apps/**/*.ts'],
    ignores: ['libs/processes/**', '**/*.spec.ts', '**/testing/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: refusedImports, paths: [refusedProcesses] }],
    },
  },
  {
    files: ['libs/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      // Real tools are driven here as a user would.
      'no-restricted-imports': ['error', { patterns: refusedImports.slice(1) }],
      // Jest's matchers are typed `any` by design, and methods are looked at without being called.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
