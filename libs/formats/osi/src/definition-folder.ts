import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SAFE_NAME } from '@fatbuildr/registries';
import { CONFIGURATION_FILE } from './mkosi';
import { badPackaging, noDefinition } from './osi.errors';

const ENDING = '.mkosi';

/** One image of an artifact. */
export interface DefinedImage {
  /** File in the folder. */
  definition: string;
  /** The artifact's name, and that of a further definition. */
  id: string;
}

/**
 * The images a folder `osi/` defines: that of `<artifact>.mkosi` first, then those of further `*.mkosi`. All
 * else is for mkosi, which finds it by its name (`mkosi.extra`, `mkosi.postinst` …).
 *
 * @throws FatbuildrError `OSI.NO_DEFINITION`, `OSI.BAD_PACKAGING`
 */
export async function definedImages(artifact: string, folder: string): Promise<DefinedImage[]> {
  const names = (await readdir(folder)).sort();
  const main = `${artifact}${ENDING}`;
  if (!names.includes(main)) throw noDefinition(artifact, main, names);
  if (names.includes(CONFIGURATION_FILE)) {
    const reason = `mkosi gets ${main} under that name; put what is in it there`;
    throw badPackaging(artifact, CONFIGURATION_FILE, reason);
  }
  const further = names.filter((name) => name.endsWith(ENDING) && name !== main);
  for (const name of [main, ...further]) {
    if (!(await lstat(join(folder, name))).isFile()) {
      throw badPackaging(artifact, name, 'it is no file');
    }
    if (!SAFE_NAME.test(name)) {
      const reason = 'its name, which its files get, must be letters, digits and ".+~_-"';
      throw badPackaging(artifact, name, reason);
    }
  }
  return [
    { definition: main, id: artifact },
    ...further.map((name) => ({
      definition: name,
      id: `${artifact}-${name.slice(0, -ENDING.length)}`,
    })),
  ];
}
