import type { ChangelogEntry } from '@fatbuildr/protocol';
import { rpmDate } from '@fatbuildr/artifacts';

/**
 * The entries of a `%changelog` section, newest first.
 *
 * @param entries newest first
 */
export function formatChangelog(entries: readonly ChangelogEntry[]): string {
  return entries
    .map(({ version, author, date, changes }) =>
      [
        `* ${rpmDate(date)} ${literal(author).trim()}${version === '' ? '' : ` - ${literal(version)}`}`,
        ...(changes.length > 0 ? changes : ['No changes were recorded.']).map((change) =>
          change
            .split('\n')
            .map((line, index) =>
              index === 0 ? `- ${literal(line).trim()}` : `  ${literal(line)}`,
            )
            .map((line) => line.trimEnd())
            .join('\n'),
        ),
        '',
      ].join('\n'),
    )
    .join('\n');
}

/** One line that rpm takes for no macro and no section. */
function literal(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').replaceAll('%', '%%');
}
