import { environmentImageName, formatImageName } from './image-names';

describe('image names', () => {
  it('say instance, format, environment and architecture', () => {
    expect(formatImageName('prod', 'deb')).toBe('localhost/fatbuildr/prod/deb:latest');
    expect(environmentImageName('prod', 'rpm', 'rocky-9', 'x86_64')).toBe(
      'localhost/fatbuildr/prod/rpm/rocky-9-x86_64:latest',
    );
  });

  it('stay valid and distinct for texts that image names do not allow', () => {
    const names = ['Prod', 'prod', 'pröd', 'prod-', '--'].map((id) => formatImageName(id, 'deb'));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(/^localhost\/fatbuildr\/[a-z0-9]+(-[a-z0-9]+)*\/deb:latest$/);
    }
  });
});
