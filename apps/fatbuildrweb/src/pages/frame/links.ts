import type { RegistryPlace } from '@fatbuildr/protocol';

/** `/a/b%20c`: each part encoded. */
export function path(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

/** Addresses of the pages of one instance. */
export class Links {
  /** @param base path of the instance, which is that of the server in mono-instance mode */
  constructor(readonly base: string) {}

  dashboard(): string {
    return `${this.base}/dashboard`;
  }

  build(): string {
    return `${this.base}/submit`;
  }

  task(id: string): string {
    return `${this.base}/watch${path(`${id}.html`)}`;
  }

  /** What belongs to a task: `cancel`, `retry`, `log.txt` … */
  ofTask(id: string, ...what: readonly string[]): string {
    return `${this.base}/tasks${path(id, ...what)}`;
  }

  history(): string {
    return `${this.base}/history`;
  }

  search(text?: string): string {
    const query = text === undefined ? '' : `?artifact=${encodeURIComponent(text)}`;
    return `${this.base}/search${query}`;
  }

  keyring(): string {
    return `${this.base}/keyring`;
  }

  images(): string {
    return `${this.base}/images`;
  }

  tokens(): string {
    return `${this.base}/tokens`;
  }

  /** The registries, or what is below: format, distribution, derivative. */
  registry(...parts: readonly string[]): string {
    return `${this.base}/registry${path(...parts)}/`;
  }

  artifact(place: RegistryPlace, architecture: string, name: string): string {
    const { format, distribution, derivative } = place;
    return this.registry(format, distribution, derivative, architecture, name);
  }
}
