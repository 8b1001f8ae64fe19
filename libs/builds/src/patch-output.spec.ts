import { explainPatch } from './patch-output';

const said = (printed: string, name?: string) => explainPatch('hello', name)(printed)?.message;

describe('explainPatch', () => {
  it('names patch, file and hunk as dpkg-source has them', () => {
    expect(
      said(`dpkg-source: info: using patch list from debian/patches/series
patching file good.c
patching file main.c
Hunk #2 FAILED at 17.
1 out of 2 hunks FAILED
dpkg-source: info: if patch 'x.patch' is correctly applied by quilt, use 'quilt refresh' to update it
`),
    ).toBe('patch x.patch does not apply to main.c: hunk 2, at line 17, does not match');
  });

  it('names patch and file as rpmbuild has them', () => {
    expect(
      said(`Patch #0 (a.patch):
Patch #1 (b.patch):
1 out of 1 hunk FAILED -- saving rejects to file src/main.c.rej
`),
    ).toBe('patch b.patch does not apply to src/main.c: a hunk of it does not match');
  });

  it('tells of a file that is not there, and of what is no patch', () => {
    const lost = "can't find file to patch at input line 3\nPerhaps you used the wrong -p\n";
    expect(said(lost, 'x')).toBe(
      'patch x does not apply to hello: the source has no file that its line 3 is for',
    );
    expect(said('patch: **** Only garbage was found in the patch input.\n')).toBe(
      'patch of the definition does not apply to hello: Only garbage was found in the patch input.',
    );
  });

  it('leaves other failures to others', () => {
    expect(said('patching file main.c\nmake: *** [all] Error 1\n')).toBeUndefined();
  });
});
