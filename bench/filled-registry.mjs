// Rows of packages that are nothing but rows: none of their files is ever looked at again once a package is
// published.
import { createHash } from 'node:crypto';
import { controlOf, nameOf } from './tiny-packages.mjs';

/** Rows of one statement. */
const PORTION = 5000;

/**
 * @param database of the daemon's own module
 * @param {{ instance: string, format: string, distribution: string, derivative: string }} place
 * @param {number} size
 * @param {(id: number) => object} rowOf `debRow` or what `rpmRow` returns
 */
export async function fillRegistry(database, place, size, rowOf = debRow) {
  await database.transaction(async (manager) => {
    for (let first = 1; first <= size; first += PORTION) {
      const rows = [];
      for (let id = first; id < first + PORTION && id <= size; id++) rows.push(rowOf(id));
      const json = JSON.stringify(rows);
      await manager.query(
        `INSERT INTO registry_packages (id, instance, format, distribution, derivative, architecture, name,
           version, size, source, source_version, task, user, published, fragment)
         SELECT value->>'id', ?, ?, ?, ?, 'x86_64', value->>'name', value->>'version', value->>'size',
           value->>'source', value->>'version', 'fill', 'bench', 0, value->>'fragment'
         FROM json_each(?)`,
        [place.instance, place.format, place.distribution, place.derivative, json],
      );
      await manager.query(
        `INSERT INTO registry_details (package, changelog, content)
         SELECT value->>'id', '[]', '[{"path":"/usr/bin","type":"d","size":0}]' FROM json_each(?)`,
        [json],
      );
      await manager.query(
        `INSERT INTO registry_files (package, path, size, sha256, sha512)
         SELECT value->>'id', value->>'path', value->>'size', value->>'sha256', value->>'sha512'
         FROM json_each(?)`,
        [json],
      );
    }
  });
}

export function debRow(id) {
  const name = nameOf(id);
  const version = `1.${id}-1`;
  const source = `src-${name}`;
  const path = `pool/main/s/${source}/${name}_${version}_amd64.deb`;
  const sha256 = createHash('sha256').update(name).digest('hex');
  const sha512 = createHash('sha512').update(name).digest('hex');
  const size = 10_000 + id;
  const fragment = `${controlOf(name, version)}Filename: ${path}
Size: ${size}
SHA256: ${sha256}
SHA512: ${sha512}
`;
  return { id, name, version, source, path, size, sha256, sha512, fragment };
}

/** @param sample the record of an RPM: all are like it but for their names and digests */
export function rpmRow({ name: like, version, fragment: text, files: [file] }) {
  return (id) => {
    const name = nameOf(id);
    const sha256 = createHash('sha256').update(name).digest('hex');
    const sha512 = createHash('sha512').update(name).digest('hex');
    const path = file.path.replaceAll(like, name);
    const fragment = text.replaceAll(like, name).replaceAll(file.sha256, sha256);
    return { id, name, version, source: 'tiny', path, size: file.size, sha256, sha512, fragment };
  };
}
