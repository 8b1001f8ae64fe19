import { SetMetadata } from '@nestjs/common';
import type { Action } from '@fatbuildr/access';

export const REQUIRES = Symbol('requires');

/** What a route asks of its caller: an action in its instance, or nothing where everybody may know. */
export type Requirement = Action | 'none';

/** Marks a route, or every route of a controller; one without this mark is refused when the server starts. */
export const Requires = (requirement: Requirement) => SetMetadata(REQUIRES, requirement);
