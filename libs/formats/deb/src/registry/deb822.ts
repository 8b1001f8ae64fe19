/**
 * Paragraphs of fields as in Debian's control files (deb822(5)). Values keep their continuation lines as
 * they are: `first line\n second line`.
 */
export class Stanza {
  constructor(readonly fields: readonly (readonly [name: string, value: string])[]) {}

  /** Names are compared without regard to case. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    return this.fields.find(([key]) => key.toLowerCase() === wanted)?.[1];
  }

  without(...names: readonly string[]): Stanza {
    const dropped = new Set(names.map((name) => name.toLowerCase()));
    return new Stanza(this.fields.filter(([key]) => !dropped.has(key.toLowerCase())));
  }

  with(...fields: readonly (readonly [name: string, value: string])[]): Stanza {
    return new Stanza([...this.fields, ...fields]);
  }

  /** Ends with a line end; paragraphs of a file are separated by one more. */
  toString(): string {
    return this.fields
      .map(([name, value]) => `${name}:${/^(\n|$)/.test(value) ? '' : ' '}${value}\n`)
      .join('');
  }
}

/**
 * @param text one or more paragraphs, clear-signed or not; the signature is not checked
 * @throws Error naming the line that is no field
 */
export function parseStanzas(text: string): Stanza[] {
  const stanzas: Stanza[] = [];
  let fields: [string, string][] = [];
  const close = () => {
    if (fields.length > 0) stanzas.push(new Stanza(fields));
    fields = [];
  };
  for (const line of withoutSignature(text).split('\n')) {
    const plain = line.replace(/\r$/, '');
    if (/^\s*$/.test(plain)) {
      close();
      continue;
    }
    if (plain.startsWith('#')) continue;
    const current = fields.at(-1);
    if (/^[ \t]/.test(plain)) {
      if (current === undefined) throw new Error(`a continuation line without a field: "${plain}"`);
      current[1] += `\n${plain.trimEnd()}`;
      continue;
    }
    // Debian Policy 5.1: printable ASCII without blank and colon, not beginning with a hyphen.
    const field = /^([!-,.-9;-~][!-9;-~]*):[ \t]*(.*)$/.exec(plain);
    if (!field) throw new Error(`not a field: "${plain.slice(0, 80)}"`);
    const [, name = '', value = ''] = field;
    if (fields.some(([key]) => key.toLowerCase() === name.toLowerCase())) {
      throw new Error(`field ${name} appears twice`);
    }
    fields.push([name, value.trimEnd()]);
  }
  close();
  return stanzas;
}

/** The text of a clear-signed message (RFC 9580 section 7), or the text itself. */
export function withoutSignature(text: string): string {
  const signed = /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n/.exec(text);
  if (!signed) return text;
  const end = text.indexOf('-----BEGIN PGP SIGNATURE-----');
  const body = text.slice(signed[0].length, end === -1 ? undefined : end);
  return body.replace(/^- /gm, '');
}
