/**
 * A fault with a reader: every skin (D-Bus, HTTP, terminal) shows the message as it is and maps the
 * code once to its own kind of status.
 *
 * @param code stable name `ROOM.WHAT`, for example `REGISTRY.UNKNOWN_DISTRIBUTION`
 * @param message one sentence: what is wrong, which value, what exists or what to do
 * @param details machine-readable values of the message
 */
export class FatbuildrError extends Error {
  override readonly name = 'FatbuildrError';

  constructor(
    readonly code: `${Uppercase<string>}.${Uppercase<string>}`,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The text of anything thrown, without its stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
