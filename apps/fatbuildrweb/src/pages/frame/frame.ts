import { Inject, Injectable } from '@nestjs/common';
import { ACTIONS, type Action } from '@fatbuildr/access';
import { CONFIGURATION, version, type Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, GuardedRequest } from '../../auth/caller';
import { MonoInstance } from '../../instances/mono-instance';
import { Links, path } from './links';
import type { Page, Section } from './page';
import { PageRenderer } from './page-renderer';
import { StaticFiles } from './static-files';

/** Nothing but our own files, no frames, no forms to elsewhere, nothing inline. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  // Pages show what their reader may see.
  'cache-control': 'no-store',
} as const;

type PageRequest = FastifyRequest & Partial<GuardedRequest>;

/** Sections, and what it takes to see them in the navigation. */
const SECTIONS: readonly {
  section: Section;
  title: string;
  action: Action;
  href: (links: Links) => string;
}[] = [
  { section: 'dashboard', title: 'Dashboard', action: 'view-task', href: (to) => to.dashboard() },
  { section: 'submit', title: 'Build', action: 'build', href: (to) => to.build() },
  { section: 'history', title: 'History', action: 'view-task', href: (to) => to.history() },
  {
    section: 'registry',
    title: 'Registries',
    action: 'view-registry',
    href: (to) => to.registry(),
  },
  { section: 'images', title: 'Images', action: 'view-pipeline', href: (to) => to.images() },
  { section: 'keyring', title: 'Keyring', action: 'view-keyring', href: (to) => to.keyring() },
  { section: 'tokens', title: 'Tokens', action: 'manage-token', href: (to) => to.tokens() },
];

/** What is around every page: who reads it, where they are, where they can go. */
@Injectable()
export class Frame {
  constructor(
    private readonly mono: MonoInstance,
    private readonly renderer: PageRenderer,
    private readonly files: StaticFiles,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  links(instance: Instance): Links {
    return new Links(this.root + (this.mono.instance === undefined ? path(instance.id) : ''));
  }

  /** The address of a request as its browser knows it, without host. */
  here({ url }: FastifyRequest): string {
    return `${this.root}${url}`;
  }

  /** @returns the page as HTML, with its status and headers set on the reply */
  answer(page: Page, request: PageRequest, reply: FastifyReply): string {
    void reply.code(page.status).headers(PAGE_HEADERS);
    return this.render(page, request);
  }

  render({ template, section, title, model }: Page, request: PageRequest): string {
    const { caller, instance = this.mono.instance } = request;
    const links = instance && this.links(instance);
    return this.renderer.render(template, {
      ...{ title, section, version },
      instance: instance && { id: instance.id, name: instance.name },
      root: this.root,
      base: links?.base ?? '',
      assets: `${this.root}/static/${this.files.digest}`,
      here: request.method === 'GET' ? this.here(request) : (links?.dashboard() ?? `${this.root}/`),
      user: caller?.user,
      csrf: caller?.session?.csrf ?? '',
      may: Object.fromEntries(ACTIONS.map((action) => [action, caller?.may(action) ?? false])),
      sections: links && caller ? sectionsOf(links, caller, section) : [],
      ...model,
    });
  }

  /** What stands before every address of ours. */
  private get root(): string {
    return this.configuration.web.prefix;
  }
}

function sectionsOf(links: Links, caller: Caller, current: Section) {
  return SECTIONS.filter(({ action }) => caller.may(action)).map(({ section, title, href }) => ({
    title,
    href: href(links),
    current: section === current,
  }));
}
