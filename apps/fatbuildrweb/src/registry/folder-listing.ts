import type { FolderMember } from '../files/public-folder';

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => ENTITIES[found]!);

/** The members of a registry's folder as a plain page, for people and mirroring tools alike. */
export function folderListing(path: string, members: readonly FolderMember[]): string {
  const title = escaped(`/${path}`);
  const rows = [...(path === '' ? [] : [{ name: '..', folder: true }]), ...members].map(
    ({ name, folder }) => {
      const end = folder ? '/' : '';
      return `<li><a href="${escaped(encodeURIComponent(name))}${end}">${escaped(name)}${end}</a></li>`;
    },
  );
  return [
    '<!DOCTYPE html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>`,
    `<body><h1>${title}</h1><ul>`,
    ...rows,
    '</ul></body></html>\n',
  ].join('\n');
}
