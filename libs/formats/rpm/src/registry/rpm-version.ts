/** A version of a package as RPM takes it apart: `epoch:version-release`. */
export interface Evr {
  /** `0` when there is none. */
  epoch: string;
  version: string;
  /** Empty when there is none. */
  release: string;
}

/** `1:2.0-3.el9` → epoch `1`, version `2.0`, release `3.el9`. */
export function parseEvr(text: string): Evr {
  const [, epoch = '', rest = ''] = /^(?:(\d*):)?(.*)$/s.exec(text) ?? [];
  const dash = rest.lastIndexOf('-');
  return {
    epoch: epoch || '0',
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** Negative when `a` is the older one. A release is compared only where both have one. */
export function compareRpmVersions(a: string, b: string): number {
  const [one, other] = [parseEvr(a), parseEvr(b)];
  return (
    compareNumbers(one.epoch, other.epoch) ||
    compareSegments(one.version, other.version) ||
    (one.release === '' || other.release === '' ? 0 : compareSegments(one.release, other.release))
  );
}

/**
 * rpmvercmp: runs of digits and of letters in turn, everything else only separates. `~` is before anything,
 * the end included; `^` is after the end and before anything else; digits are after letters.
 */
function compareSegments(a: string, b: string): number {
  const [ours, theirs] = [segmentsOf(a), segmentsOf(b)];
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    const [x, y] = [ours[at], theirs[at]];
    if (x === y) continue;
    for (const [sign, before] of [
      ['~', -1],
      ['^', 1],
    ] as const) {
      // Only the end is before a `^`.
      const against = (other: string | undefined) =>
        sign === '~' || other !== undefined ? -1 : before;
      if (x === sign) return against(y);
      if (y === sign) return -against(x);
    }
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    const compared = compareParts(x, y);
    if (compared !== 0) return compared;
  }
  return 0;
}

function segmentsOf(text: string): string[] {
  return text.match(/[0-9]+|[A-Za-z]+|[~^]/g) ?? [];
}

function compareParts(a: string, b: string): number {
  const [isNumber, otherIsNumber] = [/^\d/.test(a), /^\d/.test(b)];
  if (isNumber !== otherIsNumber) return isNumber ? 1 : -1;
  return isNumber ? compareNumbers(a, b) : a < b ? -1 : a > b ? 1 : 0;
}

/** Of any length. */
function compareNumbers(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  if (x.length !== y.length) return x.length - y.length;
  return x < y ? -1 : x > y ? 1 : 0;
}
