export { ACTIONS, TASK_ACTIONS, type Action } from './actions';
