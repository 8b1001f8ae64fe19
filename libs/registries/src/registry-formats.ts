import { Injectable } from '@nestjs/common';
import type { RegistryFormat } from './registry-format.port';

/** The formats this program can publish: each registers itself when its module starts. */
@Injectable()
export class RegistryFormats {
  private readonly byName = new Map<string, RegistryFormat>();

  register(format: RegistryFormat): void {
    this.byName.set(format.format, format);
  }

  find(format: string): RegistryFormat | undefined {
    return this.byName.get(format);
  }
}
