import { bootstrapFailed, type EnvironmentRequest } from '@fatbuildr/images';
import { HELD, HOLD, type Session } from './cowbuilder';

/** Makes a command with which changes in a copy leave the root alone that it shares its files with. */
export const COW_SHELL = ['env', 'COWDANCER_ILISTFILE=/.ilist', 'COWDANCER_REUSE=yes', 'cow-shell'];

/**
 * Lets cowbuilder hold a copy of a root in the background, for as long as the container runs.
 *
 * @param root of an environment, as the host has it
 * @param mounts folders of the container that the copy has as well
 * @returns where the container has the copy
 */
export async function holdCopy(
  session: Session,
  root: string,
  { context, environment }: Pick<EnvironmentRequest, 'context' | 'environment'>,
  mounts: readonly string[] = [],
): Promise<string> {
  const bound = mounts.length > 0 ? ['--bindmounts', mounts.join(' ')] : [];
  const { container } = session;
  const argv = session.command('--execute', session.inside(root), ...bound, HOLD);
  let printed = '';
  let tell: () => void;
  const held = new Promise<void>((resolve) => (tell = resolve));
  const output = (chunk: Buffer) => {
    printed += chunk.toString('utf8');
    if (printed.includes(HELD)) tell();
  };
  const ended = container.exec({ argv }, { output, signal: context.signal }).then((status) => {
    throw bootstrapFailed(`a copy of build environment ${environment}`, argv[0], status);
  });
  try {
    await Promise.race([held, ended]);
    return await session.copy();
  } catch (fault) {
    // What a shell prints is its own alone, unless there is none.
    context.journal.output(Buffer.from(printed));
    throw fault;
  }
}
