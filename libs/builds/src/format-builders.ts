import { existsSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import type { FormatRules } from '@fatbuildr/artifacts';
import type { FormatBuilder } from './format-builder.port';
import { unknownFormat } from './builds.errors';

/** The formats this program can build: each registers itself when its module starts. */
@Injectable()
export class FormatBuilders {
  private readonly byName = new Map<string, FormatBuilder>();

  register(builder: FormatBuilder): void {
    this.byName.set(builder.format, builder);
  }

  of(format: string): FormatBuilder {
    const builder = this.byName.get(format);
    if (builder === undefined) throw unknownFormat(format, [...this.byName.keys()]);
    return builder;
  }

  /** Gives back what a build that nobody ended holds of the host; @param scratch its folder, if it has one still */
  async release(scratch: string): Promise<void> {
    if (!existsSync(scratch)) return;
    for (const { release } of this.byName.values()) await release?.(scratch);
  }

  get definitionRules(): Readonly<Record<string, FormatRules>> {
    return Object.fromEntries(
      [...this.byName.values()].map(({ format, definitionRules }) => [format, definitionRules]),
    );
  }
}
