import type { ImageDescription } from '@fatbuildr/containers';
import { moment, sizeText, type Moment } from '../frame/wording';

/** An image, or an environment. */
export interface ImageState {
  created: Moment | undefined;
  size: string | undefined;
  /** The container engine could not be asked. */
  unknown: boolean;
}

/** @param image `undefined`: there is none; `null`: nobody knows */
export function imageState(image: ImageDescription | undefined | null, now: number): ImageState {
  return {
    created: image ? moment(image.created.getTime(), now) : undefined,
    size: image ? sizeText(image.size) : undefined,
    unknown: image === null,
  };
}

export interface EnvironmentView extends ImageState {
  name: string;
  architecture: string;
  distributions: string;
  /** What can be done with it: last part of the address, and its button. */
  acts: { path: string; title: string }[];
}

export interface ImagesFormatView extends ImageState {
  format: string;
  environments: EnvironmentView[];
}

const CREATE = { path: 'create', title: 'Create' };
const ANEW = { path: 'create', title: 'Create anew' };
const UPDATE = { path: 'update', title: 'Update' };
const SHELL = { path: 'shell', title: 'Shell' };

/** @param withImage whether the image of the format is there: an environment needs it */
export function environmentView(
  environment: { name: string; architecture: string; distributions: readonly string[] },
  state: ImageState,
  withImage: boolean,
): EnvironmentView {
  const exists = state.created !== undefined || state.unknown;
  return {
    ...state,
    ...environment,
    distributions: environment.distributions.join(', '),
    acts: exists ? [SHELL, UPDATE, ANEW] : withImage ? [CREATE] : [],
  };
}
