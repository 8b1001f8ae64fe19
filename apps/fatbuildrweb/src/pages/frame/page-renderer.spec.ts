import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@fatbuildr/config';
import { PageRenderer } from './page-renderer';

const home = mkdtempSync(join(tmpdir(), 'fbr-'));
const configuration = loadConfiguration({ home, env: { FATBUILDR_WEB_TEMPLATES: home } });
const renderer = new PageRenderer(configuration);
afterAll(() => rmSync(home, { recursive: true }));

const NASTY = `"'><img src=x onerror=alert(1)>{{ 7 * 191 }}`;

describe('templates', () => {
  const vendor = configuration.web.vendorTemplates;
  const pages = readdirSync(vendor).filter(
    (name) => !['layout.html.j2', 'parts.html.j2'].includes(name),
  );

  it.each(pages)('%s lets no value become markup, a template or a script', (name) => {
    const fields = [
      'title',
      'here',
      'base',
      'root',
      'assets',
      'csrf',
      'user',
      'version',
      'searched',
    ];
    const texts = Object.fromEntries(fields.map((field) => [field, NASTY]));
    const lists = Object.fromEntries(
      [
        ...['sections', 'instances', 'running', 'waiting', 'finished', 'tasks', 'filters'],
        ...['targets', 'architectures', 'steps', 'files', 'entries', 'publications', 'trail'],
        ...['sources', 'others', 'versions', 'relatives', 'changelog', 'content', 'doomed'],
        ...['places', 'formats', 'tokens', 'suggestions'],
      ].map((field) => [field, [hostile(), hostile()]]),
    );
    const objects = Object.fromEntries(
      [
        ...['instance', 'task', 'retries', 'place', 'chart', 'artifact', 'key', 'setup', 'issued'],
        ...['values', 'may'],
      ].map((field) => [field, hostile()]),
    );
    const more = { fault: NASTY, message: NASTY, heading: NASTY, lead: NASTY, status: NASTY };
    const html = renderer.render(name.replace('.html.j2', ''), {
      ...{ ...texts, ...lists, ...objects, ...more },
      ...{ author: NASTY, terminal: NASTY, fingerprint: NASTY, summary: NASTY, next: NASTY },
      ...{ live: true, canCancel: true, canRetry: true, isSource: true, missingKey: true },
    });
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).not.toContain('<img src=x');
    expect(html).not.toContain('1337');
    // The policy of our pages allows nothing inline.
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+="/);
  });

  it('of a site replace those of the program by their name', () => {
    writeFileSync(
      join(home, 'search.html.j2'),
      '{% extends "layout.html.j2" %}{% block content %}ours{% endblock %}',
    );
    const html = new PageRenderer(configuration).render('search', { title: 'T', sections: [] });
    expect(html).toContain('ours');
    expect(html).toContain('<main');
  });
});

/** An object whose members are nasty texts and lists of such objects. */
function hostile(depth = 0): Record<string, unknown> {
  const texts = [
    ...[
      'id',
      'name',
      'title',
      'href',
      'text',
      'value',
      'label',
      'user',
      'userid',
      'detail',
      'status',
    ],
    ...[
      'statusText',
      'reason',
      'waits',
      'duration',
      'note',
      'action',
      'packages',
      'version',
      'size',
    ],
    ...['architecture', 'kind', 'path', 'author', 'format', 'state', 'token', 'file', 'content'],
    ...['fingerprint', 'algo', 'creation', 'expires', 'last_update', 'distributions', 'summary'],
    ...['iso', 'full', 'ago'],
  ];
  const found: Record<string, unknown> = Object.fromEntries(texts.map((name) => [name, NASTY]));
  if (depth > 1) return found;
  for (const name of ['submitted', 'date', 'created', 'issued', 'lastUse', 'subkey']) {
    found[name] = hostile(depth + 1);
  }
  for (const name of ['targets', 'choices', 'bars', 'marks', 'artifacts', 'environments', 'acts']) {
    found[name] = [hostile(depth + 1)];
  }
  for (const name of ['changes', 'commands']) found[name] = [NASTY];
  return found;
}
