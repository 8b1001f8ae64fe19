import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { checkDefinition, type CheckTarget, type Finding } from '@fatbuildr/builds';
import { FORMAT_DEFINITIONS, FORMAT_DESCRIPTIONS } from '@fatbuildr/formats';
import { examineInstances, type Instance } from '@fatbuildr/instances';
import { shownPath } from '../terminal/shown-path';
import { findDefinitions } from './definition-places';
import { noInstances } from './definitions.errors';

/** A finding; its `file` is a path from the folder it was asked from. */
export interface PlacedFinding extends Finding {
  /** That it is about; absent for instance files. */
  artifact?: string;
}

export interface CheckRequest {
  /** Absolute path of a definition or of a folder of them; `undefined`: the current one, if it is one. */
  folder: string | undefined;
  artifact: string | undefined;
  /** Absolute path of an instance file or of a folder of them. */
  instances: string | undefined;
  cwd: string;
  signal: AbortSignal;
}

export interface CheckReport {
  artifacts: number;
  instances: number;
  findings: PlacedFinding[];
}

/** Checks definitions, and instance files; definitions then for the distributions of these instances. */
export async function checkDefinitions(request: CheckRequest): Promise<CheckReport> {
  const { artifact, cwd, signal } = request;
  const { instances, findings } = await checkInstances(request);
  const isOptional = request.folder === undefined && request.instances !== undefined;
  const places = await findDefinitions(request.folder ?? cwd, artifact).catch((fault: unknown) => {
    if (!isOptional) throw fault;
    return [];
  });
  const targets = instances.flatMap(targetsOf);
  const scratch = await mkdtemp(join(tmpdir(), 'fatbuildr-check-'));
  try {
    for (const { folder, artifact } of places) {
      signal.throwIfAborted();
      const formats = FORMAT_DEFINITIONS;
      const found = await checkDefinition({ folder, artifact, formats, targets, scratch });
      for (const finding of found) {
        const file = shownPath(cwd, join(folder, finding.file));
        findings.push({ artifact, ...finding, file });
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { artifacts: places.length, instances: instances.length, findings };
}

async function checkInstances({
  instances: path,
  cwd,
}: CheckRequest): Promise<{ instances: Instance[]; findings: PlacedFinding[] }> {
  if (path === undefined) return { instances: [], findings: [] };
  const stats = await stat(path).catch(() => undefined);
  const isFile = stats?.isFile() === true && path.endsWith('.yml');
  if (!isFile && !stats?.isDirectory()) throw noInstances(path);
  const folder = isFile ? dirname(path) : path;
  const { instances, faults } = await examineInstances(folder, FORMAT_DESCRIPTIONS);
  return {
    instances: instances.filter(({ id }) => !isFile || `${id}.yml` === basename(path)),
    findings: faults
      .filter(({ file }) => !isFile || file === basename(path))
      .map(({ file, reason }) => {
        const [, line, key] = /^(?:line (\d+), |([^: ]+): )/.exec(reason) ?? [];
        return {
          severity: 'error',
          code: 'INSTANCES.INVALID',
          file: shownPath(cwd, join(folder, file)),
          ...(line === undefined ? {} : { line: Number(line) }),
          ...(key === undefined ? {} : { key }),
          message: key === undefined ? reason : reason.slice(key.length + 2),
        };
      }),
  };
}

/** What can be built in an instance. */
function targetsOf(instance: Instance): CheckTarget[] {
  return instance.pipelines.flatMap(({ format, distribution, tag }) =>
    instance
      .distributionDerivatives(distribution)
      .map((derivative) => ({ format, derivative, distribution, tag })),
  );
}
