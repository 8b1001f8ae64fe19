import type { Claims, Resource } from './task-claims';

export interface Claimant {
  readonly claims: Claims;
}

/** One resource with its parts. Claimants are in the order they entered. */
class Node<T> {
  readonly readers = new Set<T>();
  readonly changers = new Set<T>();
  readonly parts = new Map<string, Node<T>>();

  get isEmpty(): boolean {
    return this.readers.size === 0 && this.changers.size === 0 && this.parts.size === 0;
  }

  *below(): Generator<Node<T>> {
    for (const part of this.parts.values()) {
      yield part;
      yield* part.below();
    }
  }
}

/** Who claims what, in order: finds whom a claimant has to wait for without looking at all others. */
export class ClaimTree<T extends Claimant> {
  private readonly root = new Node<T>();
  private readonly entries = new Map<T, number>();
  private entered = 0;

  enter(claimant: T): void {
    this.entries.set(claimant, ++this.entered);
    for (const path of claimant.claims.reads) this.node(path).readers.add(claimant);
    for (const path of claimant.claims.changes) this.node(path).changers.add(claimant);
  }

  leave(claimant: T): void {
    this.entries.delete(claimant);
    const { reads, changes } = claimant.claims;
    for (const path of [...reads, ...changes]) this.remove(this.root, path, claimant);
  }

  /** The first of those that entered before the claimant, are still there and conflict with it. */
  firstBefore(claimant: T): T | undefined {
    let first: T | undefined;
    let bound = this.entries.get(claimant) ?? Infinity;
    const consider = (claimants: ReadonlySet<T>) => {
      for (const one of claimants) {
        const entry = this.entries.get(one) ?? Infinity;
        if (entry < bound) [first, bound] = [one, entry];
        // The others entered later.
        return;
      }
    };
    const { reads, changes } = claimant.claims;
    for (const path of [...reads, ...changes]) {
      for (const { changers } of this.touching(path)) consider(changers);
    }
    for (const path of changes) {
      for (const { readers } of this.touching(path)) consider(readers);
    }
    return first;
  }

  /** What the resource is a part of, itself, and its parts. */
  private *touching(path: Resource): Generator<Node<T>> {
    let node: Node<T> | undefined = this.root;
    for (const name of path) {
      node = node.parts.get(name);
      if (node === undefined) return;
      yield node;
    }
    yield* node.below();
  }

  private node(path: Resource): Node<T> {
    let node = this.root;
    for (const name of path) {
      let part = node.parts.get(name);
      if (part === undefined) node.parts.set(name, (part = new Node()));
      node = part;
    }
    return node;
  }

  private remove(node: Node<T>, [name, ...rest]: Resource, claimant: T): void {
    if (name === undefined) {
      node.readers.delete(claimant);
      node.changers.delete(claimant);
      return;
    }
    const part = node.parts.get(name);
    if (part === undefined) return;
    this.remove(part, rest, claimant);
    if (part.isEmpty) node.parts.delete(name);
  }
}
