import type { ImageDescription, NewImage } from '../container-engine.port';

/** What of the engine's image description is read. */
export interface EngineImage {
  Id: string;
  RepoTags: string[];
  /** ISO 8601. */
  Created: string;
  Size: number;
  Config: { Labels?: Record<string, string> | null };
}

export function describeImage(image: EngineImage): ImageDescription {
  return {
    id: image.Id,
    names: image.RepoTags,
    created: new Date(image.Created),
    size: image.Size,
    labels: image.Config.Labels ?? {},
  };
}

/** `repository:tag`; a colon before a slash is a registry's port. */
export function splitName(name: string): { repository: string; tag: string } {
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/')
    ? { repository: name.slice(0, colon), tag: name.slice(colon + 1) }
    : { repository: name, tag: 'latest' };
}

/** Engines differ in how they unquote instructions, so nothing that would need quoting is let in. */
const PLAIN = /^[\w.,:;/+~@=() -]*$/;

/** Labels and variables as Containerfile instructions, which is how engines take them. */
export function imageChanges({ labels, environment = {} }: NewImage): string[] {
  const instruction =
    (keyword: string) =>
    ([name, value]: [string, string]) => {
      if (!PLAIN.test(name) || !PLAIN.test(value)) {
        throw new RangeError(
          `${keyword} ${name} of an image has characters that need quoting: ${value}`,
        );
      }
      return `${keyword} ${name}="${value}"`;
    };
  return [
    ...Object.entries(labels).map(instruction('LABEL')),
    ...Object.entries(environment).map(instruction('ENV')),
  ];
}
