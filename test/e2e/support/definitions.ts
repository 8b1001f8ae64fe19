import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** Writes files below a folder; a name that ends in `/` makes an empty folder. */
export async function writeTree(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: content.startsWith('#!') ? 0o755 : 0o644 });
  }
}

/** An upstream release archive, `.tar.gz`, with one top-level folder. */
export async function upstreamArchive(
  top: string,
  files: Readonly<Record<string, string>>,
): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) {
    tar.entry(
      {
        name: `${top}/${name}`,
        mode: content.startsWith('#!') ? 0o755 : 0o644,
        mtime: new Date(0),
      },
      content,
    );
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks));
}

export const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

/** A web server of upstream archives, and of what can go wrong with them. */
export class Upstream {
  readonly requests: string[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
    private readonly files: Map<string, Buffer>,
  ) {}

  static async start(): Promise<Upstream> {
    const files = new Map<string, Buffer>();
    const server = createServer((request, response) => {
      const path = request.url ?? '/';
      upstream.requests.push(path);
      const content = files.get(path);
      if (content === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'content-length': content.length }).end(content);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const upstream = new Upstream(server, `http://127.0.0.1:${port}`, files);
    return upstream;
  }

  serve(path: string, content: Buffer): void {
    this.files.set(path, content);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

/** Packaging of a package with a `make install` and nothing to compile. */
export function debPackaging(
  name: string,
  options: { buildDepends?: string; architecture?: string; rules?: string } = {},
): Record<string, string> {
  const { buildDepends = 'debhelper-compat (= 13)', architecture = 'all', rules = '' } = options;
  return {
    'deb/control': `Source: ${name}
Section: utils
Priority: optional
Maintainer: Test <test@acme.example>
Build-Depends: ${buildDepends}
Standards-Version: 4.6.2
Rules-Requires-Root: no

Package: ${name}
Architecture: ${architecture}
Depends: \${misc:Depends}, \${shlibs:Depends}
Description: says what it is
 A package for the tests of Fatbuildr.
`,
    'deb/rules': `#!/usr/bin/make -f\n%:\n\tdh $@\n${rules}`,
    'deb/copyright': 'Files: *\nCopyright: nobody\nLicense: public-domain\n Do what you like.\n',
  };
}
