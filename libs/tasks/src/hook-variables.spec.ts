import type { TaskParameters } from '@fatbuildr/protocol';
import { hookVariables } from './hook-variables';

const task = (parameters: TaskParameters) => ({
  id: 'one',
  instance: 'prod',
  user: 'jane',
  place: '/srv/one',
  parameters,
});

describe('the variables of the hook', () => {
  it('tell of a build what is built, and where', () => {
    expect(
      hookVariables(
        task({
          name: 'artifact build',
          ...{ format: 'deb', distribution: 'bookworm', derivative: 'main', artifact: 'hello' },
          ...{ author: 'Jane', email: 'jane@acme.example', message: 'Two\nlines' },
          architectures: ['x86_64', 'aarch64'],
          archives: [{ id: 'hello', path: '/srv/one/archives/hello_1.tar.xz' }],
        }),
      ),
    ).toEqual({
      FATBUILDR_TASK_ID: 'one',
      FATBUILDR_TASK_NAME: 'artifact build',
      FATBUILDR_INSTANCE: 'prod',
      FATBUILDR_USER: 'jane',
      FATBUILDR_WORKSPACE: '/srv/one',
      FATBUILDR_FORMAT: 'deb',
      FATBUILDR_DISTRIBUTION: 'bookworm',
      FATBUILDR_DERIVATIVE: 'main',
      FATBUILDR_ARTIFACT: 'hello',
      FATBUILDR_ARCHITECTURES: 'x86_64 aarch64',
      FATBUILDR_AUTHOR: 'Jane',
      FATBUILDR_EMAIL: 'jane@acme.example',
      FATBUILDR_MESSAGE: 'Two\nlines',
    });
  });

  it('tell which artifact was deleted, and whether an image was forced', () => {
    const place = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
    const artifact = { name: 'hello', version: '1-1', architecture: 'src', size: 12 };
    expect(hookVariables(task({ name: 'artifact deletion', ...place, artifact }))).toMatchObject({
      FATBUILDR_ARTIFACT: 'hello',
      FATBUILDR_VERSION: '1-1',
      FATBUILDR_ARCHITECTURE: 'src',
    });
    const image = hookVariables(task({ name: 'image creation', format: 'deb', force: false }));
    expect(image.FATBUILDR_FORCE).toBe('no');
  });

  it('tell at the end how it ended, and nothing of that before', () => {
    const keyring = task({ name: 'keyring creation' });
    expect(hookVariables(keyring)).not.toHaveProperty('FATBUILDR_RESULT');
    const good = hookVariables(keyring, { result: 'success', reason: null });
    expect(good.FATBUILDR_RESULT).toBe('success');
    expect(good).not.toHaveProperty('FATBUILDR_REASON');
    const bad = hookVariables(keyring, { result: 'failed', reason: 'no\0 more room' });
    expect(bad).toMatchObject({ FATBUILDR_RESULT: 'failed', FATBUILDR_REASON: 'no more room' });
  });
});
