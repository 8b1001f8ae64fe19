export { EngineGuestModule } from './engine-guest.module';
export { ContainersModule } from './containers.module';
export {
  CONTAINER_ENGINE,
  type ArgumentVector,
  type Command,
  type CommandOptions,
  type ContainerEngine,
  type ContainerOwner,
  type ContainerSettings,
  type ImageDescription,
  type Leftovers,
  type LimitedResource,
  type Mount,
  type NewImage,
  type OneShot,
  type OwnedContainer,
  type RunningContainer,
  type TerminalWindow,
} from './container-engine.port';
export { LABELS } from './labels';
