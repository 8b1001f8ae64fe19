import type { Artifact, ChangelogEntry, ContentMember, RegistryPlace } from '@fatbuildr/protocol';
import type { RegistryPublication } from '@fatbuildr/registries';
import type { Links } from '../frame/links';
import { counted, moment, sizeText, type Moment } from '../frame/wording';

/** The architecture of sources. */
export const SOURCE = 'src';

/** A step of the path that leads to a page; the last one has no address. */
export interface Crumb {
  title: string;
  href?: string;
}

/** @param parts format, distribution, derivative … as far as the page is */
export function trail(links: Links, ...parts: readonly string[]): Crumb[] {
  const steps = ['Registries', ...parts].map((title, depth) => ({
    title,
    href: links.registry(...parts.slice(0, depth)),
  }));
  return steps.map((step, depth) => (depth === steps.length - 1 ? { title: step.title } : step));
}

export interface ArtifactRow {
  name: string;
  version: string;
  architecture: string;
  size: string;
  href: string;
  /** How many older versions there are beside this one. */
  older: number;
}

/** Sources and packages of a place: each artifact once, with its newest version. */
export function derivativeView(
  place: RegistryPlace,
  artifacts: readonly Artifact[],
  links: Links,
): { sources: ArtifactRow[]; others: ArtifactRow[] } {
  // Listings are by name, architecture and version: the last of its kind is the newest.
  const newest = new Map<string, ArtifactRow>();
  for (const artifact of artifacts) {
    const key = `${artifact.name} ${artifact.architecture}`;
    const before = newest.get(key);
    newest.set(key, {
      ...artifactRow(place, artifact, links),
      older: before === undefined ? 0 : before.older + 1,
    });
  }
  const entries = [...newest];
  const rows = (wanted: boolean) =>
    entries.filter(([key]) => key.endsWith(` ${SOURCE}`) === wanted).map(([, row]) => row);
  return { sources: rows(true), others: rows(false) };
}

export function artifactRow(
  place: RegistryPlace,
  { name, version, architecture, size }: Artifact,
  links: Links,
): ArtifactRow {
  const href = links.artifact(place, architecture, name);
  return {
    name,
    version,
    architecture: kindText(architecture),
    size: sizeText(size),
    href,
    older: 0,
  };
}

/** Where something was found, and what. */
export interface FoundPlace {
  title: string;
  href: string;
  artifacts: ArtifactRow[];
}

/** What a search found, by place. */
export function searchView(
  found: readonly (RegistryPlace & { artifact: Artifact })[],
  links: Links,
): FoundPlace[] {
  const places = new Map<string, FoundPlace>();
  for (const { artifact, ...place } of found) {
    const parts = [place.format, place.distribution, place.derivative];
    const title = parts.join(' / ');
    const known = places.get(title) ?? { title, href: links.registry(...parts), artifacts: [] };
    known.artifacts.push(artifactRow(place, artifact, links));
    places.set(title, known);
  }
  return [...places.values()];
}

/** All a service knows of an artifact. */
export interface ArtifactFacts {
  /** Oldest first, at least one. */
  versions: readonly Artifact[];
  changelog: readonly ChangelogEntry[];
  content: readonly ContentMember[];
  /** Of a source its packages, of a package its source. */
  relatives: readonly Artifact[];
}

export interface ArtifactView {
  artifact: { name: string; version: string; kind: string; size: string };
  isSource: boolean;
  versions: { version: string; size: string }[];
  relatives: ArtifactRow[];
  changelog: { version: string; author: string; date: Moment; changes: string[] }[];
  content: { path: string; kind: string; size: string }[];
}

const MEMBER_KINDS: Readonly<Record<ContentMember['type'], string>> = {
  f: 'file',
  d: 'folder',
  l: 'link',
};

export function artifactView(
  place: RegistryPlace,
  { versions, changelog, content, relatives }: ArtifactFacts,
  links: Links,
  now: number,
): ArtifactView {
  const newest = versions.at(-1)!;
  const isSource = newest.architecture === SOURCE;
  return {
    artifact: {
      name: newest.name,
      version: newest.version,
      kind: isSource ? 'source' : `package for ${kindText(newest.architecture)}`,
      size: sizeText(newest.size),
    },
    isSource,
    versions: versions.map(({ version, size }) => ({ version, size: sizeText(size) })).reverse(),
    relatives: relatives.map((one) => artifactRow(place, one, links)),
    changelog: changelog.map(({ version, author, date, changes }) => ({
      ...{ version, author, changes },
      date: moment(date * 1000, now),
    })),
    content: content.map(({ path, type, size }) => ({
      path,
      kind: MEMBER_KINDS[type],
      size: type === 'f' ? sizeText(size) : '',
    })),
  };
}

function kindText(architecture: string): string {
  if (architecture === SOURCE) return 'source';
  return architecture === 'noarch' ? 'any architecture' : architecture;
}

const PACKAGES_NAMED = 3;

/** A change of a registry in a list. */
export function publicationView(
  { action, task, user, date, packages }: RegistryPublication,
  links: Links,
  now: number,
) {
  const more = packages.length - PACKAGES_NAMED;
  const named = packages.slice(0, PACKAGES_NAMED).join(', ');
  return {
    ...{ action, user },
    date: moment(date, now),
    href: /^[0-9a-f-]{36}$/.test(task) ? links.task(task) : undefined,
    packages: more > 0 ? `${named} and ${counted(more, 'other')}` : named,
  };
}
