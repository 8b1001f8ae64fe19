import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProgram } from './load-program';

describe('loadProgram', () => {
  let folder: string;
  let program: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildrctl-load-'));
    program = join(folder, 'program.js');
    await writeFile(join(folder, 'beside.js'), 'exports.word = "beside";');
    await writeFile(program, 'exports.word = require("./beside").word + " " + __filename;');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('loads as require does, with and without compiled code', () => {
    const expected = { word: `beside ${program}` };
    const { exports, script } = loadProgram({ program });
    expect(exports).toEqual(expected);
    const again = loadProgram({ program, code: script.createCachedData() });
    expect(again.exports).toEqual(expected);
    expect(again.script.cachedDataRejected).toBe(false);
  });

  it('compiles anew when the code is of another version', () => {
    const { exports, script } = loadProgram({ program, code: Buffer.from('not from this V8') });
    expect(script.cachedDataRejected).toBe(true);
    expect(exports).toEqual({ word: `beside ${program}` });
  });
});
