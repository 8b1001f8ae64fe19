import { parseHttpUri } from './http-target';

describe('the URI of an instance of a server', () => {
  it.each([
    ['https://acme.example/prod', 'https://acme.example', 'prod'],
    ['http://acme.example:5000/prod/', 'http://acme.example:5000', 'prod'],
    ['https://acme.example', 'https://acme.example', undefined],
    ['https://acme.example/', 'https://acme.example', undefined],
    ['https://acme.example/packages/prod', 'https://acme.example/packages', 'prod'],
    ['https://acme.example/a/b.c/prod/', 'https://acme.example/a/b.c', 'prod'],
  ])('%s', (uri, server, instance) => {
    expect(parseHttpUri(uri)).toEqual({ server, instance });
  });

  it.each([
    'ftp://acme.example/prod',
    'https://',
    'https://ada:secret@acme.example/prod',
    'https://acme.example/prod?x=1',
    'https://acme.example/prod#x',
    'https://acme.example/a//prod',
    'https://acme.example//',
    'https://acme.example/pr%20od',
    'https://acme.example/packages/-prod',
  ])('refuses %s', (uri) => {
    expect(() => parseHttpUri(uri)).toThrow(`cannot use the URI "${uri}"`);
  });
});
