import { resolve } from 'node:path';
import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import type { CheckReport, PlacedFinding } from '../definitions/check-definitions';
import { ExitStatus } from '../exit-status';
import { ENVIRONMENT, type ProgramEnvironment } from '../program-environment';
import { Interrupted } from '../tasks/interrupted';
import { Printer } from '../terminal/printer';
import { counted, printable } from '../terminal/table';
import type { Colors } from '../terminal/terminal';
import { CtlCommand } from './ctl-command';

@Command({
  name: 'check',
  arguments: '[dir]',
  argsDescription: { dir: 'a definition or a folder of them (default: the current folder)' },
  description: 'check artifact definitions, without a daemon',
})
export class CheckCommand extends CtlCommand {
  constructor(
    @Inject(Printer) private readonly printer: Printer,
    @Inject(ExitStatus) private readonly exit: ExitStatus,
    @Inject(ENVIRONMENT) private readonly environment: ProgramEnvironment,
  ) {
    super();
  }

  override async run(
    [dir]: string[],
    { artifact, instances }: { artifact?: string; instances?: string },
  ): Promise<void> {
    const { cwd } = this.environment;
    const interruption = new AbortController();
    const release = this.environment.onInterrupt(() =>
      interruption.abort(new Interrupted('interrupted, not all is checked')),
    );
    try {
      const { checkDefinitions } = await import('../definitions/definition-tools');
      const report = await checkDefinitions({
        folder: dir && resolve(cwd, dir),
        artifact,
        instances: instances && resolve(cwd, instances),
        cwd,
        signal: interruption.signal,
      });
      const { findings } = report;
      if (findings.some(({ severity }) => severity === 'error')) this.exit.fail();
      await this.printer.print(findings, (_, colors) => reportText(report, colors));
    } finally {
      release();
    }
  }

  @Option({
    flags: '-a, --artifact <name>',
    description: 'name of the artifact (default: that of its folder)',
  })
  parseArtifact(value: string): string {
    return value;
  }

  @Option({
    flags: '--instances <path>',
    description: 'check an instance file, or a folder of them, and the definitions for them',
  })
  parseInstances(value: string): string {
    return value;
  }
}

function reportText({ artifacts, instances, findings }: CheckReport, colors: Colors): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const checked = [counted(artifacts, 'artifact'), counted(instances, 'instance')];
  const found = [counted(errors, 'error'), counted(findings.length - errors, 'warning')];
  return [
    ...findings.map((finding) => findingLine(finding, colors)),
    `${checked.slice(0, instances > 0 ? 2 : 1).join(' and ')} checked: ${found.join(', ')}`,
  ].join('\n');
}

/** As compilers do, so that editors find the place. */
function findingLine(
  { file, line, key, severity, code, message }: PlacedFinding,
  colors: Colors,
): string {
  const place = line === undefined ? file : `${file}:${line}`;
  const kind = severity === 'error' ? colors.red(severity) : colors.yellow(severity);
  const text = key === undefined ? message : `${key}: ${message}`;
  return `${printable(place)}: ${kind}: ${printable(text)} ${colors.dim(`[${code}]`)}`;
}
