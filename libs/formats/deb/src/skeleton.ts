import type { SkeletonRequest } from '@fatbuildr/builds';

/** Packaging that debhelper works out from upstream's build system. */
export function skeleton({ artifact, maintainer, homepage }: SkeletonRequest) {
  return {
    'deb/control': `Source: ${artifact}
Section: misc
Priority: optional
Maintainer: ${maintainer}
Rules-Requires-Root: no
Build-Depends: debhelper-compat (= 13)
Standards-Version: 4.6.2
${homepage === undefined ? '' : `Homepage: ${homepage}\n`}
Package: ${artifact}
Architecture: any
Depends: \${misc:Depends}, \${shlibs:Depends}
Description: ${artifact}, in one line
 What ${artifact} does, for whoever thinks of installing it.
`,
    'deb/rules': `#!/usr/bin/make -f

%:
	dh $@
`,
    'deb/copyright': `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ${artifact}
${homepage === undefined ? '' : `Source: ${homepage}\n`}
Files: *
Copyright: the authors of ${artifact}
License: unknown
 State here who holds the copyright, and under which license.
`,
  };
}
