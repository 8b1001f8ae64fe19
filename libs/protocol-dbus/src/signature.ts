/** A complete type of a D-Bus signature, such as `a{sv}`. */
export interface WireType {
  /** Its first character: `a` for lists and dictionaries, `(` and `{` for what has members. */
  code: string;
  /** The type as it is written. */
  text: string;
  children: readonly WireType[];
}

const BASIC = 'ybnqiuxtdsoghv';
/** D-Bus specification, "Valid Signatures". */
const LONGEST = 255;
const CLOSES: Readonly<Record<string, string>> = { '(': ')', '{': '}' };

const KEPT = 256;
const known = new Map<string, readonly WireType[]>();

/**
 * Reads a signature. The same few are read again and again, so they are kept.
 *
 * @throws RangeError
 */
export function parseSignature(text: string): readonly WireType[] {
  const kept = known.get(text);
  if (kept !== undefined) return kept;
  if (text.length > LONGEST) throw new RangeError('a D-Bus signature is longer than 255 signs');
  const types: WireType[] = [];
  for (let at = 0; at < text.length; at += types.at(-1)!.text.length) {
    types.push(parseType(text, at));
  }
  if (known.size < KEPT) known.set(text, types);
  return types;
}

function parseType(text: string, at: number): WireType {
  const code = text.charAt(at);
  if (code !== '' && BASIC.includes(code)) return { code, text: code, children: [] };
  const children: WireType[] = [];
  let end = at + 1;
  if (code === 'a') {
    const element = parseType(text, end);
    return { code, text: `a${element.text}`, children: [element] };
  }
  const close = CLOSES[code];
  while (close !== undefined && text.charAt(end) !== close) {
    const member = parseType(text, end);
    children.push(member);
    end += member.text.length;
  }
  if (close === undefined || children.length === 0) {
    throw new RangeError(`"${text}" is no D-Bus signature`);
  }
  return { code, text: text.slice(at, end + 1), children };
}

/** Bytes that values of a type are aligned to. */
export function alignmentOf({ code }: WireType): number {
  return ALIGNMENTS[code] ?? 4;
}

const ALIGNMENTS: Readonly<Record<string, number>> = {
  ...{ y: 1, g: 1, v: 1, n: 2, q: 2 },
  ...{ x: 8, t: 8, d: 8, '(': 8, '{': 8 },
};
