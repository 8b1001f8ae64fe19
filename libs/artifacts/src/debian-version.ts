/**
 * Compares versions as dpkg does (Debian Policy 5.6.12).
 *
 * @returns negative when `a` is older, 0 when they are equal (`1.0` and `1.0-0`), positive when it is newer
 */
export function compareDebianVersions(a: string, b: string): number {
  const left = split(a);
  const right = split(b);
  return (
    compareNumbers(left.epoch, right.epoch) ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

/** The version as it stands in file names, which have no epoch. */
export function withoutEpoch(version: string): string {
  return version.slice(version.indexOf(':') + 1);
}

function split(version: string): { epoch: string; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const rest = withoutEpoch(version);
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: colon === -1 ? '' : version.slice(0, colon),
    upstream: hyphen === -1 ? rest : rest.slice(0, hyphen),
    revision: hyphen === -1 ? '' : rest.slice(hyphen + 1),
  };
}

/** Alternates between texts without digits and numbers, until one differs. */
function compareParts(a: string, b: string): number {
  let left = a;
  let right = b;
  while (left !== '' || right !== '') {
    const [leftText = ''] = /^\D*/.exec(left) ?? [];
    const [rightText = ''] = /^\D*/.exec(right) ?? [];
    const byText = compareTexts(leftText, rightText);
    if (byText !== 0) return byText;
    left = left.slice(leftText.length);
    right = right.slice(rightText.length);
    const [leftNumber = ''] = /^\d*/.exec(left) ?? [];
    const [rightNumber = ''] = /^\d*/.exec(right) ?? [];
    const byNumber = compareNumbers(leftNumber, rightNumber);
    if (byNumber !== 0) return byNumber;
    left = left.slice(leftNumber.length);
    right = right.slice(rightNumber.length);
  }
  return 0;
}

/** Numbers of any length, as text. */
function compareNumbers(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}

/** `~` sorts before the end, the end before letters, letters before all others. */
function compareTexts(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = weight(a[at]) - weight(b[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}
