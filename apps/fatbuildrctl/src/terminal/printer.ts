import { Inject, Injectable } from '@nestjs/common';
import { Terminal, type Colors } from './terminal';

/** Prints results: as text made for people, or the structures as they are for programs. */
@Injectable()
export class Printer {
  constructor(@Inject(Terminal) private readonly terminal: Terminal) {}

  async print<T>(value: T, text: (value: T, colors: Colors) => string): Promise<void> {
    const { results, format } = this.terminal;
    const rendered = await this.render(format, value, text);
    results.write(rendered.endsWith('\n') || rendered === '' ? rendered : `${rendered}\n`);
  }

  private async render<T>(
    format: Terminal['format'],
    value: T,
    text: (value: T, colors: Colors) => string,
  ): Promise<string> {
    switch (format) {
      case 'json':
        return JSON.stringify(value, null, 2);
      case 'yaml':
        return (await import('yaml')).stringify(value);
      case 'text':
        return text(value, this.terminal.colors(this.terminal.results));
    }
  }
}
