import { explainBuilddep, explainRpmbuild } from './rpmbuild-output';

describe('what rpmbuild and dnf print', () => {
  it('tells of files that were not installed', () => {
    const printed = `Processing files: hello-2.10-1.x86_64
error: File not found: /build/BUILDROOT/hello-2.10-1.x86_64/usr/bin/hola


RPM build errors:
    File not found: /build/BUILDROOT/hello-2.10-1.x86_64/usr/bin/hola
`;
    expect(explainRpmbuild('hello')(printed)).toMatchObject({
      code: 'RPM.BUILD_FAILED',
      message:
        'rpmbuild could not build hello: File not found: /build/BUILDROOT/hello-2.10-1.x86_64/usr/bin/hola',
    });
  });

  it('tells of a source that is not there', () => {
    const printed = 'error: Bad file: /build/SOURCES/extra.conf: No such file or directory\n';
    expect(explainRpmbuild('hello')(printed)).toMatchObject({ code: 'RPM.MISSING_SOURCE' });
  });

  it('tells of an error in the spec', () => {
    const printed = 'error: line 4: Unknown tag: Sumary: x\n';
    expect(explainRpmbuild('hello')(printed)?.message).toBe(
      'rpmbuild could not build hello: line 4: Unknown tag: Sumary: x',
    );
  });

  it('tells of a patch that does not apply, but not of those that programs try', () => {
    const rejected =
      'Patch #0 (a.patch):\n1 out of 1 hunk FAILED -- saving rejects to file a.c.rej\n';
    const ended = (part: string) =>
      `${rejected}error: Bad exit status from /var/tmp/rpm-tmp.a (%${part})\n`;
    expect(explainRpmbuild('hello')(ended('prep'))?.message).toBe(
      'patch a.patch does not apply to a.c: a hunk of it does not match',
    );
    expect(explainRpmbuild('hello')(ended('check'))).toMatchObject({ code: 'RPM.BUILD_FAILED' });
  });

  it('tells nothing of what it does not know', () => {
    expect(explainRpmbuild('hello')('Killed\n')).toBeUndefined();
    expect(explainBuilddep('hello')('Error: no route to host\n')).toBeUndefined();
  });

  it('names each dependency that cannot be met once', () => {
    const printed = `No matching package to install: 'no-such-devel >= 2'
Error:
 Problem: conflicting requests
  - nothing provides libx >= 2 needed by y-1-1.noarch
  - nothing provides libx >= 2 needed by y-1-1.noarch
`;
    expect(explainBuilddep('hello')(printed)).toMatchObject({
      code: 'RPM.UNMET_BUILD_DEPENDENCIES',
      details: {
        unmet: ['no-such-devel >= 2', 'nothing provides libx >= 2 needed by y-1-1.noarch'],
      },
    });
  });
});
