import type { ArgumentVector } from '@fatbuildr/containers';

/** As dpkg-source applies them: exactly, and without questions. */
const OPTIONS = ['--strip=1', '--fuzz=0', '--batch', '--forward', '--no-backup-if-mismatch'];

/** Applies a patch in the working folder. */
export const patchCommand = (file: string): ArgumentVector => [
  'patch',
  ...OPTIONS,
  '--input',
  file,
];
