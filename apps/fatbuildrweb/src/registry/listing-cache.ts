import { Injectable } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import type { Artifact, RegistryPlace } from '@fatbuildr/protocol';
import { RegistriesService } from '@fatbuildr/registries';

/** Listings that are kept; the one asked for longest ago goes first. */
const KEPT = 32;

export interface Listing {
  /** Tag of the content, for `ETag`. */
  tag: string;
  /** JSON, as it is sent. */
  body: Buffer;
}

/** How artifacts are listed for one kind of client. */
export interface ListingForm {
  /** No other form has it. */
  name: string;
  item(instance: Instance, place: RegistryPlace, artifact: Artifact): object;
}

/** Listings of artifacts as they are sent, made anew when their distribution has changed and not before. */
@Injectable()
export class ListingCache {
  private readonly kept = new Map<string, Promise<Listing>>();
  /** The tag that the content of this process's listings starts with: formats may change between releases. */
  private readonly since = Date.now().toString(36);

  constructor(private readonly registries: RegistriesService) {}

  /** @throws FatbuildrError `REGISTRY.UNKNOWN_*` */
  async listing(instance: Instance, place: RegistryPlace, form: ListingForm): Promise<Listing> {
    const revision = await this.registries.revision(instance, place);
    const { format, distribution, derivative } = place;
    const key = [form.name, instance.id, format, distribution, derivative].join('/');
    const tag = `"${this.since}-${revision}"`;
    const known = this.kept.get(key);
    if (known !== undefined && (await known).tag === tag) {
      this.keep(key, known);
      return known;
    }
    const made = this.make(instance, place, form, tag);
    this.keep(key, made);
    made.catch(() => this.kept.delete(key));
    return made;
  }

  private async make(
    instance: Instance,
    place: RegistryPlace,
    form: ListingForm,
    tag: string,
  ): Promise<Listing> {
    const artifacts = await this.registries.artifacts(instance, place);
    const items = artifacts.map((artifact) => form.item(instance, place, artifact));
    return { tag, body: Buffer.from(JSON.stringify(items)) };
  }

  private keep(key: string, listing: Promise<Listing>): void {
    this.kept.delete(key);
    this.kept.set(key, listing);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}
