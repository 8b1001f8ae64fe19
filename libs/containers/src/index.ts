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
  type Mount,
  type NewImage,
  type OneShot,
  type RunningContainer,
} from './container-engine.port';
export { LABELS } from './labels';
