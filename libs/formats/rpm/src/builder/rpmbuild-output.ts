import { explainPatch } from '@fatbuildr/builds';
import type { FatbuildrError } from '@fatbuildr/errors';
import {
  missingSource,
  prescriptDependencies,
  rpmbuildFailed,
  unmetDependencies,
} from './builder.errors';

/** Reasons that are told; the journal has all of them. */
const MOST_REASONS = 5;

/**
 * Why rpmbuild failed, from what it printed:
 *
 *     error: Bad file: /build/SOURCES/extra.conf: No such file or directory
 *     RPM build errors:
 *         File not found: /build/BUILDROOT/hello-2.10-1.x86_64/usr/bin/hola
 */
export function explainRpmbuild(artifact: string) {
  return (printed: string): FatbuildrError | undefined => {
    const source = /Bad (?:file|source): \S*\/([^/\s]+): No such file/.exec(printed)?.[1];
    if (source !== undefined) return missingSource(artifact, source);
    // Programs that are built may apply patches of their own, in their tests for example.
    const isPrep = /^error: Bad exit status from \S+ \(%prep\)/m.test(printed);
    const patch = isPrep ? explainPatch(artifact)(printed) : undefined;
    if (patch !== undefined) return patch;
    const [, summary] = /^RPM build errors:\n((?:[ \t]+.*\n?)+)/m.exec(printed) ?? [];
    const reasons = (summary ?? '').split('\n').map((line) => line.trim());
    const errors = [...printed.matchAll(/^error: (.*\S)\s*$/gm)].map(([, reason = '']) => reason);
    const told = [...new Set([...reasons, ...errors])].filter(Boolean).slice(0, MOST_REASONS);
    return told.length > 0 ? rpmbuildFailed(artifact, told) : undefined;
  };
}

/**
 * Why dnf could not install build dependencies, from what it printed:
 *
 *     No matching package to install: 'no-such-devel'
 *      Problem: conflicting requests
 *       - nothing provides libx >= 2 needed by y-1-1.noarch
 */
export function explainBuilddep(artifact: string) {
  return (printed: string): FatbuildrError | undefined => {
    const unmet = unmetRelations(printed);
    return unmet.length > 0 ? unmetDependencies(artifact, unmet) : undefined;
  };
}

/** The same of the packages of a prescript. */
export function explainInstall(artifact: string) {
  return (printed: string): FatbuildrError | undefined => {
    const unmet = unmetRelations(printed);
    return unmet.length > 0 ? prescriptDependencies(artifact, unmet) : undefined;
  };
}

function unmetRelations(printed: string): string[] {
  const unmet = [
    ...printed.matchAll(/^No matching package to install: '(.*)'/gm),
    ...printed.matchAll(/^No match for argument: (.*)$/gm),
    ...printed.matchAll(/^\s*(?:Problem(?: \d+)?:|-) (.*(?:nothing provides|conflicts with).*)$/gm),
  ].map(([, relation = '']) => relation.trim());
  return [...new Set(unmet)];
}
