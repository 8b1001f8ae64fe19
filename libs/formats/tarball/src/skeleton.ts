/** A script for make. */
export function skeleton() {
  return {
    'tarball/build': `#!/bin/sh
set -eu
make
make install DESTDIR="$DESTDIR"
`,
  };
}
