import { editMessage, withoutComments } from './message';

describe('withoutComments', () => {
  it('keeps what the user wrote', () => {
    expect(withoutComments('\n# help\nFix the\n\nbuild\n# more\n')).toBe('Fix the\n\nbuild');
  });
});

describe('editMessage', () => {
  it('takes what the editor leaves', async () => {
    await expect(editMessage('sed -i 1iNew', 'hello')).resolves.toBe('New');
  });

  it('submits nothing for an untouched file or a failed editor', async () => {
    await expect(editMessage('true', 'hello')).rejects.toThrow('the message was left empty');
    await expect(editMessage('false', 'hello')).rejects.toThrow('"false" ended with status 1');
  });

  it('names an editor that is not there', async () => {
    await expect(editMessage('no-such-editor', 'hello')).rejects.toThrow(
      'the program "no-such-editor" is not installed',
    );
  });
});
