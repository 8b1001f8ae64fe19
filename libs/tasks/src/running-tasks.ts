import { Injectable } from '@nestjs/common';
import type { FatbuildrError } from '@fatbuildr/errors';

/** The tasks this process runs, and the way to end each of them before its time. */
@Injectable()
export class RunningTasks {
  private readonly controllers = new Map<string, AbortController>();

  /** @returns `undefined` when this process runs the task already: its job was delivered twice */
  enter(id: string): AbortController | undefined {
    if (this.controllers.has(id)) return undefined;
    const controller = new AbortController();
    this.controllers.set(id, controller);
    return controller;
  }

  /** Call as soon as the task can no longer be ended, which is when its handler is done. */
  leave(id: string): void {
    this.controllers.delete(id);
  }

  /** @returns whether the task runs here and was told to end */
  abort(id: string, reason: FatbuildrError): boolean {
    const controller = this.controllers.get(id);
    controller?.abort(reason);
    return controller !== undefined;
  }
}
