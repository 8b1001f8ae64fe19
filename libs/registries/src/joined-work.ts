interface Group<T, R> {
  readonly items: T[];
  results: Promise<readonly PromiseSettledResult<R>[]>;
}

/** Work that is asked for by many at the same time and costs little more for many than for one. */
export class JoinedWork<T, R> {
  private readonly waiting = new Map<string, Group<T, R>>();

  /**
   * Adds an item to the work of this key that waits for its turn; without one, begins it.
   *
   * @param begin waits for the turn, then takes what has come until now, and tells how each of it ended; its
   *   own fault is that of all. Called only where there is nothing to join
   */
  async join(
    key: string,
    item: T,
    begin: (take: () => readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>,
  ): Promise<R> {
    let group = this.waiting.get(key);
    const at = group === undefined ? 0 : group.items.push(item) - 1;
    group ??= this.open(key, item, begin);
    const result = (await group.results)[at];
    if (result === undefined) throw new Error(`the joined work "${key}" left out item ${at}`);
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  private open(
    key: string,
    first: T,
    begin: (take: () => readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>,
  ): Group<T, R> {
    const items = [first];
    const close = () => {
      if (this.waiting.get(key)?.items === items) this.waiting.delete(key);
      return items;
    };
    const group = { items, results: Promise.resolve([] as readonly PromiseSettledResult<R>[]) };
    this.waiting.set(key, group);
    group.results = begin(close).finally(close);
    return group;
  }
}
