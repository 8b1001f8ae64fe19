export { interact } from './interactive';
export {
  plainEnvironment,
  run,
  start,
  type RunOptions,
  type RunResult,
  type StartedProcess,
} from './process';
export { removeTree } from './remove-tree';
export { socketRelease } from './socket-release';
