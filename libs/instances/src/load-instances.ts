import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hostArchitecture } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { Instance } from './instance';
import { type FormatDescription, parseInstanceFile } from './instance-file';
import { invalidInstances } from './instances.errors';

const EXTENSION = '.yml';

/**
 * An id names folders, container images and a D-Bus object, whose path may hold nothing but letters,
 * digits and "_" (D-Bus specification, "Valid Object Paths"). A "-" is refused rather than escaped:
 * clients build the path from the id they know.
 */
const ID = /^[A-Za-z0-9_]{1,64}$/;

/** Something wrong with an instance file. */
export interface InstanceFault {
  /** Name of the file in its folder; empty: the folder itself. */
  file: string;
  /** `key path: reason`. */
  reason: string;
}

/**
 * Reads all instance files, `<folder>/<id>.yml`, in the order of their ids. An empty folder is no fault.
 *
 * @param formats the installed formats
 * @param host normalized architecture of this host
 * @throws FatbuildrError `INSTANCES.INVALID` with every fault of every file
 */
export async function loadInstances(
  folder: string,
  formats: readonly FormatDescription[],
  host: string = hostArchitecture(),
): Promise<Instance[]> {
  const { instances, faults } = await examineInstances(folder, formats, host);
  if (faults.length === 0) return instances;
  throw invalidInstances(
    faults.map(({ file, reason }) =>
      file === '' ? `${folder}: ${reason}` : `${join(basename(folder), file)}: ${reason}`,
    ),
  );
}

/**
 * Reads instance files as `loadInstances` does, and finds everything that is wrong with them.
 *
 * @returns the instances that have no fault
 */
export async function examineInstances(
  folder: string,
  formats: readonly FormatDescription[],
  host: string = hostArchitecture(),
): Promise<{ instances: Instance[]; faults: InstanceFault[] }> {
  const instances: Instance[] = [];
  const faults: InstanceFault[] = [];
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (fault) {
    const reason = `the folder of the instance files cannot be read: ${messageOf(fault)}`;
    return { instances, faults: [{ file: '', reason }] };
  }
  /** Ids in lower case: the names of container images have no other. */
  const taken = new Map<string, string>();
  for (const file of names.sort()) {
    if (file.startsWith('.')) continue;
    const add = (reason: string) => faults.push({ file, reason });
    if (file.endsWith('.yaml')) add(`instance files end in ${EXTENSION}`);
    if (!file.endsWith(EXTENSION)) continue;
    const id = file.slice(0, -EXTENSION.length);
    if (!ID.test(id)) {
      add(
        `the id of an instance is part of D-Bus paths and consists of letters, digits and "_" (64 at most), got "${id}"`,
      );
      continue;
    }
    const twin = taken.get(id.toLowerCase());
    if (twin !== undefined) {
      add(`the id differs from that of ${twin} by upper and lower case alone`);
      continue;
    }
    taken.set(id.toLowerCase(), join(basename(folder), file));
    const instance = await loadInstance(join(folder, file), { id, formats, host }).catch(
      (fault: unknown) => [`cannot be read: ${messageOf(fault)}`],
    );
    if (instance instanceof Instance) instances.push(instance);
    else instance.forEach(add);
  }
  return { instances, faults };
}

/** @returns the faults of the file when it has any */
async function loadInstance(
  path: string,
  context: { id: string; formats: readonly FormatDescription[]; host: string },
): Promise<Instance | string[]> {
  const faults: string[] = [];
  const file = parseInstanceFile(await readFile(path, 'utf8'), context, faults);
  return file ? new Instance(file) : faults;
}
