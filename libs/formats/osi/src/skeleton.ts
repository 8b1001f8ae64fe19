import type { SkeletonRequest } from '@fatbuildr/builds';

/** A small system in an archive. */
export function skeleton({ artifact }: SkeletonRequest) {
  return {
    [`osi/${artifact}.mkosi`]: `[Distribution]
Distribution=debian
Release=bookworm

[Output]
Format=tar

[Content]
Packages=
`,
  };
}
