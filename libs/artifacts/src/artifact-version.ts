import { badVersion } from './artifacts.errors';

/** Characters of upstream versions (Debian Policy 5.6.12) and of releases; all are safe in file names. */
const MAIN = /^(?:\d+:)?[A-Za-z0-9][A-Za-z0-9.+~-]*$/;
const RELEASE = /^[A-Za-z0-9][A-Za-z0-9.~+]*$/;
const TAG = /^[A-Za-z0-9][A-Za-z0-9.~_+]*$/;
const BUILD = /\+build(\d+)$/;

/** Parts of a version; what is absent is left out. */
export interface VersionParts {
  /** Upstream version with its epoch if any: `1:2.0~rc1+dfsg`. */
  main: string;
  /** `3`, `10`, `0.1.rc2`, `1~exp1`. */
  release: string;
  /** Tag of the distribution, `deb12`. */
  dist?: string;
  /** Number of the rebuild, from 1. */
  build?: number;
}

/** Text variables of templates. */
export interface TemplateVersion {
  main: string;
  major: string;
  release: string;
  dist: string;
  full: string;
  fullrelease: string;
}

/**
 * A version `main-release[.dist][+buildN]`. Immutable.
 *
 * A release may hold dots itself, so the text alone does not always tell release from tag. The rule of
 * `parse`: with a known tag, `dist` is that tag if the text ends with it, else absent. Without one, the
 * last of several dot-separated parts is the tag if it begins with a letter (`3.deb12`, `1.2.el8`);
 * parts that begin with a digit belong to the release (`3.1`). Pass the tag wherever it is known: only
 * then `0.1.rc2` is read right.
 */
export class ArtifactVersion {
  readonly main: string;
  readonly release: string;
  readonly dist: string | undefined;
  /** `undefined`: the first build. */
  readonly build: number | undefined;

  private constructor(parts: VersionParts) {
    this.main = parts.main;
    this.release = parts.release;
    this.dist = parts.dist;
    this.build = parts.build;
  }

  /** @throws FatbuildrError `ARTIFACT.BAD_VERSION` */
  static of(parts: VersionParts): ArtifactVersion {
    const { main, release, dist, build } = parts;
    const text = `${main}-${release}${dist === undefined ? '' : `.${dist}`}`;
    checkMainVersion(main);
    if (!RELEASE.test(release)) {
      throw badVersion(
        text,
        `the release "${release}" must be letters, digits, ".", "~", "+", the first a letter or digit`,
      );
    }
    if (BUILD.test(release)) {
      throw badVersion(text, 'a release cannot end with "+build" and a number');
    }
    if (dist !== undefined && !TAG.test(dist)) {
      throw badVersion(
        text,
        `the distribution tag "${dist}" must be letters, digits, ".", "~", "_", "+", the first a letter or digit`,
      );
    }
    if (build !== undefined && !(Number.isSafeInteger(build) && build > 0)) {
      throw badVersion(text, `the build number ${build} must be a whole number from 1`);
    }
    return new ArtifactVersion(parts);
  }

  /**
   * @param knownTag tag of the distribution the version is of, see the class for the rule
   * @throws FatbuildrError `ARTIFACT.BAD_VERSION`
   */
  static parse(text: string, knownTag?: string): ArtifactVersion {
    const build = BUILD.exec(text);
    const rest = build ? text.slice(0, build.index) : text;
    const hyphen = rest.lastIndexOf('-');
    if (hyphen <= 0 || hyphen === rest.length - 1) {
      throw badVersion(text, 'expected main-release[.dist][+buildN], the release is missing');
    }
    const [release, dist] = splitRelease(rest.slice(hyphen + 1), knownTag);
    return ArtifactVersion.of({
      main: rest.slice(0, hyphen),
      release,
      dist,
      // "+build0" says the same as no number: an absent number counts as 0.
      build: build && Number(build[1]) > 0 ? Number(build[1]) : undefined,
    });
  }

  /** Number before the first colon of `1:2.0`; `undefined` when there is none. */
  get epoch(): number | undefined {
    const colon = this.main.indexOf(':');
    return colon < 0 ? undefined : Number(this.main.slice(0, colon));
  }

  /** Main version without its epoch, as file names carry it. */
  get upstream(): string {
    return this.main.slice(this.main.indexOf(':') + 1);
  }

  /** First component of the upstream version: `1` of `1.2`, `2` of `1:2~rc1`. */
  get major(): string {
    return /^[A-Za-z0-9]+/.exec(this.upstream)![0];
  }

  /** `3.deb12+build1` */
  get fullrelease(): string {
    const dist = this.dist === undefined ? '' : `.${this.dist}`;
    const build = this.build === undefined ? '' : `+build${this.build}`;
    return `${this.release}${dist}${build}`;
  }

  /** `1.2-3.deb12+build1` */
  get full(): string {
    return `${this.main}-${this.fullrelease}`;
  }

  /** Same version, whatever the build number. */
  equals(other: ArtifactVersion): boolean {
    return this.withBuild(undefined).full === other.withBuild(undefined).full;
  }

  withBuild(build: number | undefined): ArtifactVersion {
    return ArtifactVersion.of({ ...this.parts(), build });
  }

  withDist(dist: string | undefined): ArtifactVersion {
    return ArtifactVersion.of({ ...this.parts(), dist });
  }

  /**
   * The version the next build gets: this one as it is when no equal version is published, else with a
   * build number one above the highest of the equal ones (an absent number counts as 0).
   *
   * @param published versions of the source in the same distribution and derivative
   */
  nextBuild(published: readonly ArtifactVersion[] | undefined): ArtifactVersion {
    const builds = (published ?? [])
      .filter((version) => version.equals(this))
      .map((version) => version.build ?? 0);
    if (builds.length === 0) return this.withBuild(undefined);
    return this.withBuild(builds.reduce((highest, build) => Math.max(highest, build)) + 1);
  }

  /** Template variable `version`. */
  forTemplates(): TemplateVersion {
    return {
      main: this.main,
      major: this.major,
      release: this.release,
      dist: this.dist ?? '',
      full: this.full,
      fullrelease: this.fullrelease,
    };
  }

  toString(): string {
    return this.full;
  }

  toJSON(): string {
    return this.full;
  }

  private parts(): VersionParts {
    return { main: this.main, release: this.release, dist: this.dist, build: this.build };
  }
}

/** @throws FatbuildrError `ARTIFACT.BAD_VERSION` when the text is no upstream version */
export function checkMainVersion(main: string): string {
  if (!MAIN.test(main)) {
    throw badVersion(
      main,
      'expected letters, digits, ".", "+", "~", "-", the first a letter or digit, after an optional "epoch:"',
    );
  }
  return main;
}

function splitRelease(text: string, knownTag: string | undefined): [string, string | undefined] {
  if (knownTag !== undefined) {
    return text.endsWith(`.${knownTag}`)
      ? [text.slice(0, -knownTag.length - 1), knownTag]
      : [text, undefined];
  }
  const dot = text.lastIndexOf('.');
  return dot > 0 && /^[A-Za-z]/.test(text.slice(dot + 1))
    ? [text.slice(0, dot), text.slice(dot + 1)]
    : [text, undefined];
}
