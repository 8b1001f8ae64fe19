import { basename, extname } from 'node:path';
import type { FileHeaders } from '../files/send-file';

/** Never an encoding: what is compressed is a file of its own, and clients check its digest. */
const TYPES: Readonly<Record<string, string>> = {
  '.gz': 'application/gzip',
  '.xz': 'application/x-xz',
  '.zst': 'application/zstd',
  '.bz2': 'application/x-bzip2',
  '.deb': 'application/vnd.debian.binary-package',
  '.rpm': 'application/x-rpm',
  '.gpg': 'application/pgp-signature',
  '.asc': 'text/plain; charset=utf-8',
  '.dsc': 'text/plain; charset=utf-8',
  '.sources': 'text/plain; charset=utf-8',
  '.repo': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
  '.json': 'application/json',
};

/** Files of an index have no ending; those named by their digest may hold anything. */
const INDEX = /^(?:In)?Release$|^Packages$|^Sources$|^SHA256SUMS$/;
const OTHER = 'application/octet-stream';

/** What never changes under its name, by the folder it is in. */
const IMMUTABLE = /(?:^|\/)(?:pool|by-hash|Packages)\/./;

const A_YEAR = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';

/** How a file of a registry is answered, by its path in the registry. */
export function registryHeaders(path: string): FileHeaders {
  const name = basename(path);
  const text = INDEX.test(name) ? 'text/plain; charset=utf-8' : undefined;
  return {
    type: text ?? TYPES[extname(name)] ?? OTHER,
    cache: IMMUTABLE.test(path) ? A_YEAR : REVALIDATE,
  };
}
