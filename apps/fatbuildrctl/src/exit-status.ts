import { Injectable } from '@nestjs/common';

export const EXIT = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** What the program will exit with when no error decides otherwise. */
@Injectable()
export class ExitStatus {
  private current: number = EXIT.success;

  /**
   * A task failed; what follows still runs.
   *
   * @param status that of the command in a shell
   */
  fail(status: number = EXIT.failure): void {
    this.current = status;
  }

  get value(): number {
    return this.current;
  }
}
