/** Labels on everything we make in an engine. */
export const LABELS = {
  instance: 'org.rackslab.fatbuildr.instance',
  task: 'org.rackslab.fatbuildr.task',
  /** Which installation: daemons that share an engine leave each other's containers alone. */
  home: 'org.rackslab.fatbuildr.home',
} as const;

/** The `label` filter of the engine's list calls. */
export function labelFilter(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}
