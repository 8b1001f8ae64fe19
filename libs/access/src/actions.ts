import type { TaskName } from '@fatbuildr/protocol';

/** What a caller may be allowed to do: polkit decides on them on the system bus, the policy file over HTTP. */
export const ACTIONS = [
  'view-pipeline',
  'view-task',
  'manage-task',
  'purge-history',
  'view-registry',
  'edit-registry',
  'edit-registry-as',
  'build',
  'build-as',
  'view-keyring',
  'edit-keyring',
  'manage-image',
  'manage-token',
] as const;

export type Action = (typeof ACTIONS)[number];

/** Whether who is allowed the action can change something by it. */
export const isChange = (action: Action): boolean => !action.startsWith('view-');

/** What it takes to submit a task of each name, under one's own. */
export const TASK_ACTIONS: Readonly<Record<TaskName, Action>> = {
  'artifact build': 'build',
  'failed build shell': 'build',
  'artifact deletion': 'edit-registry',
  'registry reindexing': 'edit-registry',
  'image creation': 'manage-image',
  'image update': 'manage-image',
  'image shell': 'manage-image',
  'image build environment creation': 'manage-image',
  'image build environment update': 'manage-image',
  'image build environment shell': 'manage-image',
  'keyring creation': 'edit-keyring',
  'keyring renewal': 'edit-keyring',
  'history purge': 'purge-history',
};
