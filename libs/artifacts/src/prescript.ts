import { FatbuildrError } from '@fatbuildr/errors';
import { readInside } from './safe-folder';

/** Name of the prescript in a definition. */
export const PRESCRIPT = 'pre.sh';

const MAX_BYTES = 1024 * 1024;

/** Keywords of rules and what they are about; the latter two are of old definitions. */
const KEYWORDS = new Map<string, RuleKind>([
  ['PRESCRIPT_DEPS', 'dependencies'],
  ['PRESCRIPT_TARBALLS', 'tarballs'],
  ['PREDEPS', 'dependencies'],
  ['PRETARBALLS', 'tarballs'],
]);

type RuleKind = 'dependencies' | 'tarballs';

/** For whom a rule is, the most specific first: one of these wins over those after it. */
const SCOPES = ['distributions', 'formats', undefined] as const;

interface Rule {
  kind: RuleKind;
  scope: (typeof SCOPES)[number];
  /** Distributions or formats. */
  names: readonly string[];
  words: readonly string[];
}

/** The script of a definition that changes the sources, and what it asks for. */
export interface Prescript {
  content: Buffer;
  /** Packages that it needs. */
  dependencies: readonly string[];
  /** Folders of the source tree that become supplementary tarballs; none: what it changes becomes a patch. */
  tarballs: readonly string[];
}

/**
 * The prescript of a definition, with the rules in its comments that are for one target:
 *
 *     #PRESCRIPT_DEPS@distributions:el8,el9 golang git
 *     #PRESCRIPT_DEPS golang-go git
 *     #PRESCRIPT_TARBALLS vendor
 *
 * Of the rules of one kind the first that is for the distribution counts, else the first that is for the
 * format, else the first that is for all.
 *
 * @returns `undefined` when there is none
 * @throws FatbuildrError `ARTIFACT.BAD_PRESCRIPT` with the line, `ARTIFACT.REFUSED_FILE`
 */
export async function loadPrescript(
  folder: string,
  target: { format: string; distribution: string },
): Promise<Prescript | undefined> {
  const content = await readInside(folder, PRESCRIPT, MAX_BYTES);
  if (content === undefined) return undefined;
  const rules = content
    .toString('utf8')
    .split('\n')
    .map((line, index) => parseRule(line.trimEnd(), index + 1))
    .filter((rule) => rule !== undefined);
  const isFor = ({ scope, names }: Rule) =>
    scope === undefined ||
    names.includes(scope === 'formats' ? target.format : target.distribution);
  const words = (kind: RuleKind) => {
    const fitting = rules.filter((rule) => rule.kind === kind && isFor(rule));
    const chosen = SCOPES.map((scope) => fitting.find((rule) => rule.scope === scope));
    return [...new Set(chosen.find((rule) => rule !== undefined)?.words)];
  };
  return { content, dependencies: words('dependencies'), tarballs: words('tarballs') };
}

function parseRule(line: string, number: number): Rule | undefined {
  const match = /^#(PRESCRIPT_\w*|PREDEPS|PRETARBALLS)(@\S*)?(?:\s+(.*))?$/.exec(line);
  if (match === null) return undefined;
  const [, keyword = '', suffix = '', rest = ''] = match;
  const kind = KEYWORDS.get(keyword);
  if (kind === undefined) {
    throw badRule(
      number,
      `unknown rule "${keyword}", there are: ${[...KEYWORDS.keys()].join(', ')}`,
    );
  }
  const [, scope, list = ''] = /^@(distributions|formats):(\S+)$/.exec(suffix) ?? [];
  if (suffix !== '' && scope === undefined) {
    throw badRule(number, `expected "@distributions:NAME,…" or "@formats:NAME,…", got "${suffix}"`);
  }
  const words = rest.split(/\s+/).filter(Boolean);
  if (kind === 'tarballs') for (const path of words) checkFolder(path, number);
  return { kind, scope: scope as Rule['scope'], names: list.split(',').filter(Boolean), words };
}

/** A folder of the source tree, by a path that leads nowhere else. */
function checkFolder(path: string, line: number): void {
  const parts = path.split('/');
  if (parts.some((part) => ['', '.', '..', '.git'].includes(part)) || /[^\w.+@/-]/.test(path)) {
    throw badRule(
      line,
      `"${path}" is no folder of the source tree: expected a relative path of letters, digits and "._+@-"`,
    );
  }
}

function badRule(line: number, reason: string): FatbuildrError {
  return new FatbuildrError('ARTIFACT.BAD_PRESCRIPT', `${PRESCRIPT}: line ${line}: ${reason}`, {
    file: PRESCRIPT,
    line,
    reason,
  });
}
