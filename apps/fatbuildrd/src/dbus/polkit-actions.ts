import type { TaskName } from '@fatbuildr/protocol';

/** Actions that polkit decides on, by the last part of their id; packaging/polkit describes each. */
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

/** What a member asks of its caller: an action, or nothing where everybody may know. */
export type Requirement = Action | 'none';

const PREFIX = 'org.rackslab.Fatbuildr.';

/** The id of an action in the files of polkit. */
export const actionId = (action: Action): string => `${PREFIX}${action}`;

/** What it takes to submit a task of each name, under one's own. */
export const TASK_ACTIONS: Readonly<Record<TaskName, Action>> = {
  'artifact build': 'build',
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
