export { interact } from './interactive';
export { run, start, type RunOptions, type RunResult, type StartedProcess } from './process';
