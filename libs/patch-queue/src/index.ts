export { exportQueue, type QueueChange } from './export-queue';
export { LOCAL_VARIABLES } from './git';
export { PatchQueue, type Conflict, type QueueRequest } from './patch-queue';
