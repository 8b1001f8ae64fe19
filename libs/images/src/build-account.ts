/**
 * Who builds in the environments. The id is above those of host accounts, system users and dynamic users
 * (Debian Policy 9.2.2: up to 65535) and below the first subordinate ids (login.defs(5): from 100000), so
 * that a process that left its container would be nobody on the host.
 */
export const BUILD_ACCOUNT = { name: 'fatbuildr-build', id: 90_000 } as const;

/** `uid:gid`, as container engines take it. */
export const BUILD_USER = `${BUILD_ACCOUNT.id}:${BUILD_ACCOUNT.id}`;
