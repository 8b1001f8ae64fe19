import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import nunjucks from 'nunjucks';
import { counted, sizeText } from './wording';

/**
 * Renders pages from templates in Jinja2 syntax. A template of the site (`[web] templates`) replaces the
 * one of the same name that comes with the program (`[web] vendor_templates`).
 */
@Injectable()
export class PageRenderer {
  private readonly environment: nunjucks.Environment;

  constructor(@Inject(CONFIGURATION) { web }: Configuration) {
    const loader = new nunjucks.FileSystemLoader([web.templates, web.vendorTemplates], {
      noCache: web.debug,
    });
    this.environment = new nunjucks.Environment(loader, {
      autoescape: true,
      trimBlocks: true,
      lstripBlocks: true,
    });
    this.environment.addFilter('size', sizeText);
    this.environment.addFilter('counted', counted);
  }

  /** @param name without `.html.j2` */
  render(name: string, model: object): string {
    return this.environment.render(`${name}.html.j2`, model);
  }
}
