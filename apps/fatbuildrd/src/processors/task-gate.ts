/** Every task goes through here to its work: it can be held back, waited for, and ended. */
export class TaskGate {
  private readonly stopping = new AbortController();
  private readonly atWork = new Set<Promise<void>>();
  private opening: { opened: Promise<void>; open: () => void } | undefined;
  /** How many tasks have got through so far. */
  passed = 0;

  /** @param work gets the signal that ends it; it is not called at all once that has fired */
  async pass(work: (stop: AbortSignal) => Promise<void>): Promise<void> {
    if (this.opening !== undefined) await this.opening.opened;
    if (this.stopping.signal.aborted) return;
    this.passed += 1;
    const done = work(this.stopping.signal);
    this.atWork.add(done);
    await done.finally(() => this.atWork.delete(done));
  }

  /** Tasks that come from now on wait, until the gate is opened again. */
  hold(): void {
    if (this.opening !== undefined) return;
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    this.opening = { opened, open };
  }

  open(): void {
    this.opening?.open();
    this.opening = undefined;
  }

  get held(): boolean {
    return this.opening !== undefined;
  }

  get working(): number {
    return this.atWork.size;
  }

  /** Resolves when no task is at work any more, or when `timeoutMs`, without end by default, is over. */
  async quiet(timeoutMs?: number): Promise<void> {
    if (this.working === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([Promise.allSettled(this.atWork), over]);
    clearTimeout(timer);
  }

  /** Ends what is at work; what waits never begins. */
  end(reason: string): void {
    this.stopping.abort(new Error(reason));
    this.open();
  }
}
