import { createHash } from 'node:crypto';

/** Engines complete names without a registry differently; a local one is meant everywhere. */
const PREFIX = 'localhost/fatbuildr';

/** What a path component of an image name may be (OCI distribution specification, "name"). */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** `localhost/fatbuildr/<instance>/<format>:latest` */
export function formatImageName(instance: string, format: string): string {
  return `${PREFIX}/${pathComponent(instance)}/${pathComponent(format)}:latest`;
}

/** `localhost/fatbuildr/<instance>/<format>/<environment>-<architecture>:latest` */
export function environmentImageName(
  instance: string,
  format: string,
  environment: string,
  architecture: string,
): string {
  const name = pathComponent(`${environment}-${architecture}`);
  return `${PREFIX}/${pathComponent(instance)}/${pathComponent(format)}/${name}:latest`;
}

/** The text itself where image names allow it, else its allowed characters and a digest that keeps it unique. */
export function pathComponent(text: string): string {
  if (COMPONENT.test(text)) return text;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const allowed = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return allowed === '' ? digest : `${allowed}-${digest}`;
}
