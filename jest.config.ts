import type { Config } from 'jest';

const shared = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  moduleNameMapper: { '^@fatbuildr/(.*)$': '<rootDir>/libs/$1/src' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/var'],
} satisfies Config;

/**
 * Three tiers: units beside the source, integration on real services, end to end on the built programs;
 * and `long`, what takes too much time for every run: other releases, real environments of their own.
 */
const config: Config = {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs}/**/*.spec.ts'],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
    },
    {
      ...shared,
      displayName: 'long',
      testMatch: ['<rootDir>/test/long/**/*.test.ts'],
    },
  ],
};

export default config;
