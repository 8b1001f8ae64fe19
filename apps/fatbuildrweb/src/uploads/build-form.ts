import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFINITION_ARCHIVE, SOURCE_ARCHIVES, type KeptBuilds } from '@fatbuildr/builds';
import { MAIN_DERIVATIVE, type Instance } from '@fatbuildr/instances';
import type { ParametersOf, SourceArchive } from '@fatbuildr/protocol';
import type { FormRules, ReceivedFile, ReceivedForm } from './upload-receiver';
import { badField, badForm } from './uploads.errors';

/** The packed definition. */
const DEFINITION = 'tarball';
/** An archive of local sources: of the one that has the artifact's name, or of the one that is named. */
const SOURCE = /^source(?:\/([A-Za-z0-9][A-Za-z0-9+._-]*))?$/;

const FIELDS = [
  ...['format', 'distribution', 'architectures', 'derivative', 'artifact'],
  ...['user_name', 'user_email', 'message', 'interactive', 'keep_failed'],
] as const;
type Field = (typeof FIELDS)[number];

/** Of an archive; the name gets into a workspace, and from there to `tar`. */
const FILENAME = /^[A-Za-z0-9][A-Za-z0-9+._~-]{0,254}$/;
const CHARACTERS = 256;

type Fields = Partial<Record<Field, string>>;
type Build = Omit<ParametersOf<'artifact build'>, 'archives'>;

/** The form by which an artifact is submitted for building; what the instance cannot build is refused early. */
export function buildForm(instance: Instance): FormRules {
  return {
    fields: FIELDS,
    accept({ field, filename }, fields: Fields) {
      if (field !== DEFINITION && !SOURCE.test(field)) {
        throw badForm(`there is no file "${field}", there are: ${DEFINITION}, source, source/<id>`);
      }
      if (field !== DEFINITION && !FILENAME.test(filename)) {
        throw badForm(`the file of "${field}" must be called <id>_<version>.tar.xz`);
      }
      checkPipeline(instance, fields);
    },
  };
}

/**
 * @returns the parameters of the task, to be given its workspace, into which the files are moved
 * @throws FatbuildrError `UPLOAD.FORM`, `INSTANCES.UNKNOWN_*`
 */
export function submittedBuild(
  instance: Instance,
  { fields, files }: { fields: Fields; files: ReceivedForm['files'] },
  kept: Pick<KeptBuilds, 'checkTime'>,
): (workspace: string) => Promise<ParametersOf<'artifact build'>> {
  const build = { ...checkPipeline(instance, fields), ...author(fields), ...failure(fields, kept) };
  const missing = (['format', 'distribution', 'artifact'] as const).filter((name) => !fields[name]);
  if (missing.length > 0) throw badForm(`these fields are missing: ${missing.join(', ')}`);
  const definition = files.find(({ field }) => field === DEFINITION);
  if (definition === undefined)
    throw badForm(`the file "${DEFINITION}" is missing: the packed definition`);
  const archives = files.filter((file) => file !== definition);
  if (new Set(archives.map(({ filename }) => filename)).size < archives.length) {
    throw badForm('two archives of sources have the same file name');
  }
  return async (workspace) => {
    await move(definition.path, join(workspace, DEFINITION_ARCHIVE));
    const moved: SourceArchive[] = [];
    for (const file of archives) {
      moved.push(await moveSource(file, build.artifact, join(workspace, SOURCE_ARCHIVES)));
    }
    return { ...build, archives: moved };
  };
}

/** Checks what is known so far; fields may come after files. */
function checkPipeline(
  instance: Instance,
  fields: Fields,
): Omit<Build, keyof ReturnType<typeof author> | keyof ReturnType<typeof failure>> {
  const { format = '', distribution = '', artifact = '' } = fields;
  const derivative = fields.derivative || MAIN_DERIVATIVE;
  for (const name of ['format', 'distribution', 'derivative', 'artifact'] as const) {
    oneLine(name, fields[name] ?? '');
  }
  if (artifact !== '' && !FILENAME.test(artifact)) {
    throw badField('artifact', 'it is not the name of an artifact');
  }
  if (format !== '' && distribution !== '') {
    instance.requirePipeline(format, distribution, derivative);
  }
  const named = (fields.architectures ?? '').split(',').map((name) => name.trim());
  const wanted = [...new Set(named.filter((name) => name !== ''))];
  for (const architecture of wanted) instance.requireArchitecture(architecture);
  return {
    name: 'artifact build',
    ...{ format, distribution, derivative, artifact },
    architectures: wanted.length > 0 ? wanted : [...instance.architectures],
  };
}

function author(fields: Fields): Pick<Build, 'author' | 'email' | 'message'> {
  const { user_name: name = '', user_email: email = '', message = '' } = fields;
  oneLine('user_name', name);
  oneLine('user_email', email);
  if (/[^\P{C}\n\t]/u.test(message.replaceAll('\r\n', '\n'))) {
    throw badField('message', 'it holds control characters');
  }
  return { author: name, email, message: message.replaceAll('\r\n', '\n') };
}

/** What happens where the build fails: whether a shell opens, for how long the container is kept. */
function failure(
  { interactive = '', keep_failed: keeping = '' }: Fields,
  kept: Pick<KeptBuilds, 'checkTime'>,
): Pick<Build, 'interactive' | 'keep_failed'> {
  if (!['', 'true', 'false'].includes(interactive)) {
    throw badField('interactive', 'expected true or false');
  }
  return {
    ...(interactive === 'true' ? { interactive: true } : {}),
    ...(keeping === '' ? {} : { keep_failed: kept.checkTime(keeping) }),
  };
}

function oneLine(name: string, value: string): void {
  if (value.length > CHARACTERS || /\p{C}/u.test(value)) {
    throw badField(name, `expected one line of at most ${CHARACTERS} characters`);
  }
}

async function moveSource(
  { field, filename, path }: ReceivedFile,
  artifact: string,
  folder: string,
): Promise<SourceArchive> {
  const id = SOURCE.exec(field)?.[1] ?? artifact;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const target = join(folder, filename);
  await move(path, target);
  return { id, path: target };
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EXDEV') throw fault;
    await copyFile(from, to, constants.COPYFILE_EXCL);
    await rm(from);
  }
}
