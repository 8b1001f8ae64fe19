import { FatbuildrError } from '@fatbuildr/errors';
import { deduceTarget, type TargetRequest } from './build-target';

/** deb has two distributions, rpm one, osi one that no derivative but main has. */
const DISTRIBUTIONS: Readonly<Record<string, string[]>> = {
  deb: ['bookworm', 'trixie'],
  rpm: ['el9'],
  osi: ['images'],
};

const pipelines = {
  pipelinesFormats: () => Promise.resolve(Object.keys(DISTRIBUTIONS)),
  pipelinesFormatDistributions: (format: string) => Promise.resolve(DISTRIBUTIONS[format] ?? []),
  pipelinesDistributionFormat(distribution: string): Promise<string> {
    const found = Object.entries(DISTRIBUTIONS).find(([, names]) => names.includes(distribution));
    return found
      ? Promise.resolve(found[0])
      : Promise.reject(new FatbuildrError('DAEMON.PIPELINE', `no distribution ${distribution}`));
  },
  pipelinesDerivativeFormats: (derivative: string) =>
    Promise.resolve(derivative === 'main' ? ['deb', 'rpm', 'osi'] : ['deb', 'rpm']),
};

function request(over: Partial<TargetRequest>): TargetRequest {
  return { artifact: 'hello', definedFormats: ['deb', 'rpm'], derivative: 'main', ...over };
}

describe('deduceTarget', () => {
  it.each<[string, Partial<TargetRequest>, string, string]>([
    ['a distribution decides the format', { distribution: 'trixie' }, 'deb', 'trixie'],
    ['both may be said', { distribution: 'trixie', format: 'deb' }, 'deb', 'trixie'],
    ['a format decides its only distribution', { format: 'rpm' }, 'rpm', 'el9'],
    ['the only format decides', { definedFormats: ['rpm'] }, 'rpm', 'el9'],
  ])('%s', async (_, over, format, distribution) => {
    await expect(deduceTarget(request(over), pipelines)).resolves.toEqual({ format, distribution });
  });

  it.each<[string, Partial<TargetRequest>, string]>([
    [
      'a contradiction',
      { distribution: 'trixie', format: 'rpm' },
      'distribution trixie is of format deb, not rpm',
    ],
    ['an unknown distribution', { distribution: 'sid' }, 'no distribution sid'],
    [
      'a format the artifact lacks',
      { distribution: 'images' },
      'artifact hello does not define format osi; it defines: deb, rpm',
    ],
    [
      'a format with several distributions',
      { format: 'deb' },
      'format deb has several distributions, choose one with --distribution: bookworm, trixie',
    ],
    [
      'an artifact with several formats',
      {},
      'artifact hello defines several formats, choose one with --format or a distribution with --distribution: deb, rpm',
    ],
    ['an artifact without format', { definedFormats: [] }, 'artifact hello defines no format'],
    [
      'a format the instance lacks',
      { definedFormats: ['snap'] },
      'this instance has no format snap; it has: deb, rpm, osi',
    ],
    [
      'a derivative without the format',
      { definedFormats: ['osi'], derivative: 'extra' },
      'derivative extra has no format osi; it has: deb, rpm',
    ],
  ])('refuses %s', async (_, over, message) => {
    await expect(deduceTarget(request(over), pipelines)).rejects.toThrow(message);
  });
});
