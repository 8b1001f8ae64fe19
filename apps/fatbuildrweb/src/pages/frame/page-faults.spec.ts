import { ownAddress } from '../controllers/session.controller';
import { suggestions } from './page-faults';

describe('suggestions for an address that leads nowhere', () => {
  const fault = (code: string, details: Record<string, unknown>) => ({
    status: 404,
    code,
    details,
  });

  it('exchange the part that is unknown, the closest name first', () => {
    const details = { distribution: 'bokworm', format: 'deb', existing: ['trixie', 'bookworm'] };
    const found = suggestions(
      fault('REGISTRY.UNKNOWN_DISTRIBUTION', details),
      '/dev/registry/deb/bokworm/main/?x',
    );
    expect(found).toEqual([
      { title: 'bookworm', href: '/dev/registry/deb/bookworm/main/' },
      { title: 'trixie', href: '/dev/registry/deb/trixie/main/' },
    ]);
  });

  it('know instances, and encode what they name', () => {
    const details = { instance: 'prd', existing: ['prod&x'] };
    expect(suggestions(fault('INSTANCES.UNKNOWN', details), '/prd/dashboard')).toEqual([
      { title: 'prod&x', href: '/prod%26x/dashboard' },
    ]);
  });

  it('are none where nothing is known', () => {
    expect(suggestions(fault('TASKS.UNKNOWN', { id: 'x' }), '/dev/watch/x.html')).toEqual([]);
    const details = { artifact: 'x', existing: [] };
    expect(suggestions(fault('REGISTRY.UNKNOWN_ARTIFACT', details), '/dev/x/')).toEqual([]);
  });
});

describe('the address after signing in', () => {
  it.each(['/default/history?user=a', '/'])('may be %s', (address) => {
    expect(ownAddress(address)).toBe(address);
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '',
    undefined,
    ['/a'],
    '/a\nb',
  ])('is never %j', (address) => {
    expect(ownAddress(address)).toBeUndefined();
  });
});
