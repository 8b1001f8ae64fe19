/** A value as it stands in a file, not yet understood. */
export interface IniEntry {
  section: string;
  key: string;
  value: string;
  line: number;
}

export interface IniFile {
  /** Every section header, also of empty sections. */
  sections: { name: string; line: number }[];
  entries: IniEntry[];
  /** Lines that are not INI. */
  faults: { line: number; reason: string }[];
}

/**
 * Reads the INI dialect of Python's configparser, which the files of Fatbuildr 2.1 are written in: keys
 * in any case, `=` or `:`, a deeper indented line continues the value above it, `#` and `;` start a
 * comment only at the beginning of a line.
 *
 * The npm package `ini` reads another dialect and hides mistakes: it drops lines it cannot parse, lets
 * the last of two equal keys win, cuts a value at `#` (URLs, passwords), takes a continued line for a
 * key, splits section names at dots and knows no line numbers.
 *
 * @param bareKeys whether a key may stand alone (`allow_no_value`); its value is empty then
 */
export function parseIni(text: string, { bareKeys = false } = {}): IniFile {
  const file: IniFile = { sections: [], entries: [], faults: [] };
  const seen = new Map<string, number>();
  let section: string | undefined;
  let open: { entry: IniEntry; indent: number } | undefined;

  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    const indent = raw.length - raw.trimStart().length;
    if (open && indent > open.indent) {
      open.entry.value = `${open.entry.value}\n${content}`.trim();
      continue;
    }
    open = undefined;

    const header = /^\[([^\]]+)\]$/.exec(content)?.[1]?.trim();
    if (header !== undefined) {
      section = header;
      file.sections.push({ name: section, line });
      continue;
    }
    const [, key, value = bareKeys ? '' : undefined] =
      (/^([^=:[\]]+?)\s*[=:]\s*(.*)$/.exec(content) ??
        (bareKeys && /^([^=:[\]\s]+)$/.exec(content))) ||
      [];
    if (key === undefined || value === undefined) {
      file.faults.push({
        line,
        reason: `expected "[section]", "key = value" or a comment, got "${content}"`,
      });
      continue;
    }
    if (section === undefined) {
      file.faults.push({ line, reason: `the key "${key}" stands before the first [section]` });
      continue;
    }
    const entry: IniEntry = { section, key: key.toLowerCase(), value, line };
    open = { entry, indent };
    const name = `${section}.${entry.key}`;
    const before = seen.get(name);
    if (before !== undefined) {
      file.faults.push({ line, reason: `${name} is already set in line ${before}` });
      continue;
    }
    seen.set(name, line);
    file.entries.push(entry);
  }
  return file;
}
