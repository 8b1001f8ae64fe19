/**
 * What package managers and the scripts of packages need of root's powers: those over files and users,
 * none over the kernel.
 */
export const PACKAGING_CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETFCAP',
  'SETGID',
  'SETUID',
  'SYS_CHROOT',
] as const;
