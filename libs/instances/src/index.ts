export { Instance, type InstanceFile, MAIN_DERIVATIVE, type Pipeline } from './instance';
export type { FormatDescription } from './instance-file';
export { instanceJsonSchema } from './instance-json-schema';
export { InstancesModule } from './instances.module';
export { InstancesService } from './instances.service';
export { type InstallationFiles, loadInstallation } from './load-installation';
export { examineInstances, type InstanceFault, loadInstances } from './load-instances';
