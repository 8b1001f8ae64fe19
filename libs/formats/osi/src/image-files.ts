import { basename, join } from 'node:path';
import { walkTar, withoutEpoch, type UnpackLimits } from '@fatbuildr/artifacts';
import type { ContentMember } from '@fatbuildr/protocol';
import {
  describePackage,
  DESCRIPTION_ENDING,
  digestDescribed,
  readDescription,
  type DescribedFile,
  type PackageDescription,
} from '@fatbuildr/registries';
import { damagedImage } from './osi.errors';

/** Architecture of the definition that images are made from. */
export const SOURCE = 'src';
/** Handed from one step of a build to the next; it may hold keys and passwords, so it is not published. */
export const DEFINITION_ENDING = '.definition.tar.xz';

const TYPES: Readonly<Record<string, ContentMember['type']>> = { directory: 'd', symlink: 'l' };

/** The images of one artifact and architecture with their files, all of them checked. */
export interface ReadImages extends PackageDescription {
  /** The description first. */
  digests: DescribedFile[];
  /** Of the first one that is a tar archive. */
  content: ContentMember[];
}

type Named = Pick<PackageDescription, 'name' | 'version' | 'architecture'>;

/** What the names of the files of an artifact's first image begin with. */
export function imageBase({ name, version }: Pick<Named, 'name' | 'version'>): string {
  return `${name}_${withoutEpoch(version)}`;
}

export function descriptionName(named: Named): string {
  const architecture = named.architecture === SOURCE ? '' : `.${named.architecture}`;
  return `${imageBase(named)}${architecture}${DESCRIPTION_ENDING}`;
}

/**
 * Describes images that were made, or for `SOURCE` what they are made of, which has no files.
 *
 * @param folder absolute path, of the files too
 * @returns absolute paths of the description and the files
 */
export function describeImages(
  images: Omit<PackageDescription, 'files'>,
  folder: string,
  files: readonly string[] = [],
): Promise<string[]> {
  return describePackage(join(folder, descriptionName(images)), images, files);
}

/**
 * Reads a description and checks the files it lists.
 *
 * @throws FatbuildrError `OSI.DAMAGED` naming the file, also for one that is missing or differs
 */
export async function readImages(description: string, limits: UnpackLimits): Promise<ReadImages> {
  try {
    const images = await readImagesDescription(description);
    const digests = await digestDescribed(description, images);
    const archive = digests.find(({ name }) => isArchive(name));
    const content = archive === undefined ? [] : await listArchive(archive.from, limits);
    return { ...images, digests, content };
  } catch (fault) {
    throw damagedImage(description, fault);
  }
}

/** @throws FatbuildrError `OSI.DAMAGED` also when it or a file is named after something else */
export async function readImagesDescription(path: string): Promise<PackageDescription> {
  try {
    const images = await readDescription(path);
    const expected = descriptionName(images);
    if (basename(path) !== expected) throw new Error(`it should be called ${expected}`);
    const stranger = Object.keys(images.files).find((name) => !isNamedAfter(name, images));
    if (stranger !== undefined) {
      throw new Error(`it lists ${stranger}, which is not called ${imageBase(images)}.*`);
    }
    return images;
  } catch (fault) {
    throw damagedImage(path, fault);
  }
}

/** Further images have a longer name, `<artifact>-<image>_<version>.*`. */
function isNamedAfter(file: string, images: Named): boolean {
  const end = file.indexOf(`_${withoutEpoch(images.version)}.`);
  const image = file.slice(0, Math.max(end, 0));
  return image === images.name || image.startsWith(`${images.name}-`);
}

/** Compressed in whatever way mkosi does it. */
export function isArchive(name: string): boolean {
  return /\.tar(?:\.(?:gz|xz|zstd?))?$/.test(name);
}

/** The members of a tar archive of a system; @throws FatbuildrError `OSI.DAMAGED` */
export async function listArchive(path: string, limits: UnpackLimits): Promise<ContentMember[]> {
  const content: ContentMember[] = [];
  try {
    await walkTar(
      { path, name: basename(path).replace(/\.zstd$/, '.zst') },
      limits,
      ({ name, type, size = 0 }) => {
        const inside = name.replace(/^\.?\//, '').replace(/\/$/, '');
        const kind = TYPES[type ?? 'file'] ?? 'f';
        if (inside !== '' && inside !== '.') content.push({ path: `/${inside}`, type: kind, size });
        return false;
      },
      () => undefined,
    );
  } catch (fault) {
    throw damagedImage(path, fault);
  }
  return content;
}
