import type { Configuration } from '@fatbuildr/config';
import type { EnvironmentTool, FormatImageSource } from './environment-tool.port';
import { ImageFormats } from './image-formats';

const TOOLS = [{ tool: 'first' }, { tool: 'second' }] as EnvironmentTool[];

function formats(tool?: string): ImageFormats {
  const registered = new ImageFormats({ formats: { deb: { tool } } } as unknown as Configuration);
  registered.register({ format: 'deb' } as FormatImageSource, TOOLS);
  registered.register({ format: 'plain' } as FormatImageSource);
  return registered;
}

describe('ImageFormats', () => {
  it.each([
    ['first', undefined],
    ['first', 'first'],
    ['second', 'second'],
  ])('chooses %s where the configuration says %s, and what belongs to it', (name, configured) => {
    expect(formats(configured).tool('deb').tool).toBe(name);
    const ways = [
      { tool: 'second', way: 2 },
      { tool: 'first', way: 1 },
    ];
    expect(formats(configured).forTool('deb', ways).tool).toBe(name);
  });

  it('names the tools there are when the configuration names none of them', () => {
    expect(() => formats('third').forTool('deb', TOOLS)).toThrow(
      '[format:deb] tool: there is no build environment tool "third", format deb has: first, second',
    );
  });

  it('says of a format without environments that it has none', () => {
    expect(() => formats().tool('plain')).toThrow(/plain has no build environments/);
  });
});
