import type { Action } from '@fatbuildr/access';

/** What a member asks of its caller: an action, or nothing where everybody may know. */
export type Requirement = Action | 'none';

const PREFIX = 'org.rackslab.Fatbuildr.';

/** The id of an action in the files of polkit; packaging/polkit describes each. */
export const actionId = (action: Action): string => `${PREFIX}${action}`;
