import { readFile } from 'node:fs/promises';
import type { Configuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { invalidPolicy } from './access.errors';
import type { Action } from './actions';
import { HostGroups } from './host-groups';
import { Policy } from './policy';

/** Who may do what over HTTP, as the policy file says; the file is read once, at start. */
export class PolicyService {
  private readonly groups = new HostGroups();

  private constructor(private readonly policy: Policy) {}

  /**
   * Reads the site's policy, or the vendor's where the site has none: one replaces the other.
   *
   * @throws FatbuildrError `ACCESS.POLICY`
   */
  static async load({ web }: Pick<Configuration, 'web'>): Promise<PolicyService> {
    const site = await readFile(web.policy, 'utf8').catch((fault: NodeJS.ErrnoException) => {
      if (fault.code === 'ENOENT') return undefined;
      throw invalidPolicy([`${web.policy}: cannot be read: ${messageOf(fault)}`]);
    });
    if (site !== undefined) return new PolicyService(Policy.parse(site, web.policy));
    const vendor = await readFile(web.vendorPolicy, 'utf8').catch((fault: unknown) => {
      throw invalidPolicy([`${web.vendorPolicy}: cannot be read: ${messageOf(fault)}`]);
    });
    return new PolicyService(Policy.parse(vendor, web.vendorPolicy));
  }

  /** @param user `undefined` for a caller without a token */
  async actionsOf(user: string | undefined): Promise<ReadonlySet<Action>> {
    if (user === undefined) return this.policy.anonymous;
    const groups = this.policy.namesGroups ? await this.groups.of(user) : [];
    return this.policy.actionsOf(user, groups);
  }
}
