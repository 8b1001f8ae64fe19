import { FatbuildrError } from '@fatbuildr/errors';

export const unknownImageFormat = (format: string, existing: readonly string[]) =>
  new FatbuildrError(
    'IMAGES.UNKNOWN_FORMAT',
    `this program has no images of format "${format}", it has: ${existing.join(', ')}`,
    { format, existing },
  );

export const noEnvironments = (format: string) =>
  new FatbuildrError(
    'IMAGES.NO_ENVIRONMENTS',
    `format ${format} has no build environments, it builds in its image`,
    { format },
  );

export const unknownTool = (
  format: string,
  tool: string | undefined,
  existing: readonly string[],
) =>
  new FatbuildrError(
    'IMAGES.UNKNOWN_TOOL',
    `[format:${format}] tool: there is no build environment tool "${tool}", format ${format} has: ${existing.join(', ')}`,
    { format, tool, existing },
  );

export const toolMissing = (instance: string, format: string, tool: string) =>
  new FatbuildrError(
    'IMAGES.TOOL_MISSING',
    `the ${format} image of instance ${instance} has no ${tool}, which [format:${format}] tool chooses; bring it up to date with "fatbuildrctl images update -f ${format}", or name one that has it in "image" of [format:${format}]`,
    { instance, format, tool },
  );

export const imageExists = (instance: string, format: string) =>
  new FatbuildrError(
    'IMAGES.EXISTS',
    `the ${format} image of instance ${instance} exists already; bring it up to date with "fatbuildrctl images update -f ${format}", or make it anew with "fatbuildrctl images create -f ${format} --force"`,
    { instance, format },
  );

export const imageMissing = (instance: string, format: string) =>
  new FatbuildrError(
    'IMAGES.MISSING',
    `instance ${instance} has no ${format} image; create it with "fatbuildrctl images create -f ${format}"`,
    { instance, format },
  );

export const environmentMissing = (
  instance: string,
  format: string,
  environment: string,
  architecture: string,
  distribution: string | undefined,
) =>
  new FatbuildrError(
    'IMAGES.ENVIRONMENT_MISSING',
    `instance ${instance} has no build environment ${environment} for ${architecture}; create it with "fatbuildrctl images env-create -f ${format}${distribution === undefined ? '' : ` -d ${distribution}`} -a ${architecture}"`,
    { instance, format, environment, architecture },
  );

export const unknownEnvironment = (
  instance: string,
  format: string,
  environment: string,
  existing: readonly string[],
) =>
  new FatbuildrError(
    'IMAGES.UNKNOWN_ENVIRONMENT',
    `instance ${instance} declares no ${format} environment "${environment}", it declares: ${existing.join(', ') || 'none'}`,
    { instance, format, environment, existing },
  );

export const unknownArchitecture = (
  instance: string,
  architecture: string,
  existing: readonly string[],
) =>
  new FatbuildrError(
    'IMAGES.UNKNOWN_ARCHITECTURE',
    `instance ${instance} does not build for architecture "${architecture}", it builds for: ${existing.join(', ')}`,
    { instance, architecture, existing },
  );

export const noConsole = () =>
  new FatbuildrError('IMAGES.NO_CONSOLE', 'a shell needs a task that people may type into');

export const badShell = (reason: string) => new FatbuildrError('IMAGES.SHELL', reason);
