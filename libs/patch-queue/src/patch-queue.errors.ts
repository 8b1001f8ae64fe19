import { FatbuildrError } from '@fatbuildr/errors';

/** The repository is in no state that patches can be made of. */
export const unfinished = (reason: string, hint: string) =>
  new FatbuildrError('PATCHES.UNFINISHED', `${reason}: ${hint}`, { reason });

export const noQueue = (folder: string) =>
  new FatbuildrError(
    'PATCHES.NO_QUEUE',
    `${folder} holds no repository that "fatbuildrctl patches" has made`,
    { folder },
  );

export const changedMeanwhile = (path: string) =>
  new FatbuildrError(
    'PATCHES.CHANGED_MEANWHILE',
    `${path} of the definition was changed by another while the shell was open, so it is not replaced`,
    { path },
  );

export const binaryChange = (title: string, path: string) =>
  new FatbuildrError(
    'PATCHES.BINARY',
    `commit "${title}" changes ${path}, which is no text: a patch cannot carry it`,
    { title, path },
  );

export const wrongOrder = (title: string) =>
  new FatbuildrError(
    'PATCHES.ORDER',
    `commit "${title}" is generic, so it is applied before those of the version, but it needs one of them: move it with "git rebase --interactive upstream", or take "Generic: yes" off`,
    { title },
  );

export const renderedChange = (path: string, title: string) =>
  new FatbuildrError(
    'PATCHES.TEMPLATE',
    `${path} is a template, and commit "${title}" changes what it renders: edit the template itself, or take "Template: yes" off the commit`,
    { path, title },
  );
