import { Injectable } from '@nestjs/common';
import { compareRpmVersions } from './rpm-version';

const FORMAT = 'rpm';

/** DNF repositories: `Packages/`, `repodata/` and signatures, without any tool of an RPM distribution. */
@Injectable()
export class DnfRegistry {
  readonly format = FORMAT;
  readonly compareVersions = compareRpmVersions;
}
