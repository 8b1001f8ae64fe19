import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';

export interface StaticFile {
  body: Buffer;
  type: string;
  etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** The terminal of the browser comes from its packages, under names of ours. */
const PACKAGES = {
  'vendor/xterm.js': ['@xterm/xterm', 'lib/xterm.mjs'],
  'vendor/xterm.css': ['@xterm/xterm', 'css/xterm.css'],
  'vendor/xterm-fit.js': ['@xterm/addon-fit', 'lib/addon-fit.mjs'],
} as const;

/**
 * What pages load beside themselves (`[web] static`). There is little of it, it is held in memory. Its
 * address carries a digest of all of it, so browsers may keep it for good and still see every change.
 */
@Injectable()
export class StaticFiles {
  private readonly files = new Map<string, StaticFile>();
  /** Part of the address of every file. */
  readonly digest: string;

  constructor(@Inject(CONFIGURATION) { web }: Configuration) {
    this.addFolder(web.static, '');
    const packages = createRequire(__filename);
    for (const [name, [module, file]] of Object.entries(PACKAGES)) {
      const folder = dirname(packages.resolve(`${module}/package.json`));
      this.add(name, join(folder, file));
    }
    const all = createHash('sha256');
    for (const [name, { etag }] of this.files) all.update(`${name} ${etag}\n`);
    this.digest = all.digest('hex').slice(0, 12);
  }

  find(name: string): StaticFile | undefined {
    return this.files.get(name);
  }

  private addFolder(folder: string, below: string): void {
    const entries = readdirSync(join(folder, below), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = join(below, entry.name);
      if (entry.isDirectory()) this.addFolder(folder, name);
      else if (TYPES[extname(name)] !== undefined) this.add(name, join(folder, name));
    }
  }

  private add(name: string, path: string): void {
    const body = readFileSync(path);
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 24)}"`;
    this.files.set(name, { body, etag, type: TYPES[extname(name)] ?? 'application/octet-stream' });
  }
}
