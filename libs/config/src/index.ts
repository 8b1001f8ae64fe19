export { hostArchitecture } from './architecture';
export { closest } from './closest';
export { CONFIGURATION, ConfigModule } from './config.module';
export type { Configuration, FormatConfiguration } from './configuration';
export { formatInterval, parseDuration, parseInterval } from './durations';
export { type ConfigurationSources, loadConfiguration } from './load-configuration';
export { findProgramRoot, version } from './program-root';
export { parsePurge, type PurgePolicy } from './purge-policy';
export { parseSize } from './sizes';
