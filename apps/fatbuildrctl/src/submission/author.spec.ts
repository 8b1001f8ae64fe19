import { chooseAuthor } from './author';

const nobody = { file: '/p.ini' };
const noGit = () => Promise.resolve(undefined);

describe('chooseAuthor', () => {
  it('prefers options to preferences to Git', async () => {
    const git = (key: string) => Promise.resolve(`git ${key}`);
    const preferences = { ...nobody, name: 'preferred', email: 'p@acme.example' };
    await expect(chooseAuthor({ name: 'said' }, preferences, git)).resolves.toEqual({
      name: 'said',
      email: 'p@acme.example',
    });
    await expect(chooseAuthor({}, { ...nobody, name: 'preferred' }, git)).resolves.toEqual({
      name: 'preferred',
      email: 'git user.email',
    });
  });

  it('says how to make the author known', async () => {
    await expect(chooseAuthor({ name: 'x' }, nobody, noGit)).rejects.toThrow(
      'your email is not known: give --email, set email in section [user] of /p.ini, or run: git config --global user.email',
    );
  });
});
