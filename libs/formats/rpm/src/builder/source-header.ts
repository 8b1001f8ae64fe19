import { basename } from 'node:path';
import { badResult } from '@fatbuildr/builds';
import { messageOf } from '@fatbuildr/errors';
import { relations } from '../registry/relations';
import { RpmFile } from '../registry/rpm-file';
import { NOARCH } from '../registry/rpm-record';
import { TAG } from '../registry/rpm-tags';

/** What a build needs to know of a source package. */
export interface SourceHeader {
  name: string;
  /** Seconds since the epoch; all that is built of it has the same time. */
  buildTime: number;
  /** `BuildArch: noarch`. */
  independent: boolean;
  /** What is needed to build, sorted. */
  dependencies: BuildDependency[];
}

export interface BuildDependency {
  name: string;
  /** With operator, empty where every version will do. */
  version: string;
}

/** @throws FatbuildrError `BUILDS.BAD_RESULT` */
export async function readSourceHeader(path: string): Promise<SourceHeader> {
  let rpm: RpmFile;
  try {
    rpm = await RpmFile.open(path);
  } catch (fault) {
    throw badResult(basename(path), messageOf(fault));
  }
  try {
    const { header } = rpm;
    return {
      name: header.text(TAG.name) ?? '',
      buildTime: header.number(TAG.buildTime) ?? 0,
      independent: header.text(TAG.architecture) === NOARCH,
      dependencies: relations(header, 'requires')
        .filter(({ name }) => !name.startsWith('rpmlib('))
        .map(({ name, operator = '', version }) => ({ name, version: `${operator}${version}` }))
        .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1)),
    };
  } catch (fault) {
    throw badResult(basename(path), messageOf(fault));
  } finally {
    await rpm.close();
  }
}
