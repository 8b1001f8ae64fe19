import { resolve } from 'node:path';
import { Inject } from '@nestjs/common';
import { messageOf } from '@fatbuildr/errors';
import { Command, Option } from 'nest-commander';
import { checksumsFailed } from '../definitions/definitions.errors';
import { FETCH_LIMITS, sourceCacheFolder } from '../patches/upstream-tree';
import { ENVIRONMENT, type ProgramEnvironment } from '../program-environment';
import { Interrupted } from '../tasks/interrupted';
import { Printer } from '../terminal/printer';
import { shownPath } from '../terminal/shown-path';
import { Terminal } from '../terminal/terminal';
import { CtlCommand } from './ctl-command';

interface ChecksumResult {
  artifact: string;
  source: string;
  version: string;
  sha256: string;
  added: boolean;
}

@Command({
  name: 'checksum',
  arguments: '[dir]',
  argsDescription: { dir: 'a definition or a folder of them (default: the current folder)' },
  description: 'fetch the sources without checksums, and add these to their definitions',
})
export class ChecksumCommand extends CtlCommand {
  constructor(
    @Inject(Printer) private readonly printer: Printer,
    @Inject(Terminal) private readonly terminal: Terminal,
    @Inject(ENVIRONMENT) private readonly environment: ProgramEnvironment,
  ) {
    super();
  }

  override async run(
    [dir = '.']: string[],
    { artifact: name, all = false }: { artifact?: string; all?: boolean },
  ): Promise<void> {
    const { cwd, env } = this.environment;
    const { findDefinitions } = await import('../definitions/definition-tools');
    const { addChecksums, SourceCache } = await import('@fatbuildr/artifacts');
    const cache = new SourceCache(sourceCacheFolder(env), FETCH_LIMITS);
    const places = await findDefinitions(resolve(cwd, dir), name);
    const interruption = new AbortController();
    const release = this.environment.onInterrupt(() => interruption.abort());
    const options = { signal: interruption.signal, log: (line: string) => this.terminal.say(line) };
    const results: ChecksumResult[] = [];
    let failed = 0;
    try {
      for (const { folder, artifact } of places) {
        try {
          const checked = await addChecksums({ folder, artifact, cache, verify: all, ...options });
          results.push(...checked.map((source) => ({ artifact, ...source })));
        } catch (fault) {
          if (interruption.signal.aborted) throw new Interrupted('interrupted');
          if (places.length === 1) throw fault;
          failed += 1;
          this.terminal.say(`${shownPath(cwd, folder)}: ${messageOf(fault)}`);
        }
      }
    } finally {
      release();
    }
    await this.printer.print(results, checksumText);
    if (failed > 0) throw checksumsFailed(failed, places.length);
  }

  @Option({
    flags: '-a, --artifact <name>',
    description: 'name of the artifact (default: that of its folder)',
  })
  parseArtifact(value: string): string {
    return value;
  }

  @Option({
    flags: '--all',
    description: 'fetch the sources with checksums as well, and verify them',
  })
  parseAll(): boolean {
    return true;
  }
}

function checksumText(results: readonly ChecksumResult[]): string {
  if (results.length === 0) return 'No checksum is missing.';
  return results
    .map(({ source, version, sha256, added }) =>
      added ? `${source} ${version}: added sha256 ${sha256}` : `${source} ${version}: verified`,
    )
    .join('\n');
}
