export { debianArchitecture, normalizedArchitecture } from './registry/architectures';
export { AptRegistry, type AptSource } from './registry/apt-registry';
export { AptRegistryModule } from './registry/apt-registry.module';
export { compareDebianVersions } from './registry/debian-version';
