import { environmentTargets, imageFormats } from './image-targets';

const DISTRIBUTIONS: Readonly<Record<string, { format: string; environment?: string }>> = {
  bookworm: { format: 'deb', environment: 'bookworm' },
  'bookworm-next': { format: 'deb', environment: 'bookworm' },
  el9: { format: 'rpm', environment: 'rocky-9' },
  images: { format: 'osi' },
};

const pipelines = {
  pipelinesFormats: () => Promise.resolve(['deb', 'rpm', 'osi']),
  pipelinesArchitectures: () => Promise.resolve(['x86_64', 'aarch64']),
  pipelinesFormatDistributions: (format: string) =>
    Promise.resolve(
      Object.keys(DISTRIBUTIONS).filter((name) => DISTRIBUTIONS[name]?.format === format),
    ),
  pipelinesDistributionFormat: (name: string) =>
    Promise.resolve(DISTRIBUTIONS[name]?.format ?? 'none'),
  pipelinesDistributionEnvironment: (name: string) =>
    Promise.resolve(DISTRIBUTIONS[name]?.environment),
};

describe('imageFormats', () => {
  it('are all formats, the named one, or that of the named distribution', async () => {
    await expect(imageFormats({}, pipelines)).resolves.toEqual(['deb', 'rpm', 'osi']);
    await expect(imageFormats({ format: 'rpm' }, pipelines)).resolves.toEqual(['rpm']);
    await expect(imageFormats({ distribution: 'el9' }, pipelines)).resolves.toEqual(['rpm']);
  });

  it('refuses an unknown format and a contradiction', async () => {
    await expect(imageFormats({ format: 'snap' }, pipelines)).rejects.toThrow('no format snap');
    await expect(imageFormats({ format: 'deb', distribution: 'el9' }, pipelines)).rejects.toThrow(
      'distribution el9 is of format rpm, not deb',
    );
  });
});

describe('environmentTargets', () => {
  const names = async (filters: Parameters<typeof environmentTargets>[0]) =>
    (await environmentTargets(filters, pipelines)).map(
      ({ format, environment, architecture }) => `${format} ${environment} ${architecture}`,
    );

  it('name each environment once for each architecture, and none where there is none', async () => {
    await expect(names({})).resolves.toEqual([
      'deb bookworm x86_64',
      'deb bookworm aarch64',
      'rpm rocky-9 x86_64',
      'rpm rocky-9 aarch64',
    ]);
  });

  it('are filtered', async () => {
    await expect(names({ format: 'deb', architecture: 'aarch64' })).resolves.toEqual([
      'deb bookworm aarch64',
    ]);
    await expect(names({ distribution: 'el9', architecture: 'x86_64' })).resolves.toEqual([
      'rpm rocky-9 x86_64',
    ]);
  });

  it('refuses an architecture the instance lacks and a distribution without environment', async () => {
    await expect(names({ architecture: 's390x' })).rejects.toThrow('it has: x86_64, aarch64');
    await expect(names({ distribution: 'images' })).rejects.toThrow('no build environment');
  });
});
