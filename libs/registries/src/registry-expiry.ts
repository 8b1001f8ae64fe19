/**
 * Whether an index must be signed again: when less than half of its validity is left, so that a failure
 * leaves time to notice and mend it; or when it does not say what the configuration wants, to expire or not.
 *
 * @param validity milliseconds an index is to stay valid; `undefined`: for ever
 * @param expiry of the index being served, milliseconds since the epoch; `undefined`: never
 */
export function isResigningDue(
  validity: number | undefined,
  expiry: number | undefined,
  now: number,
): boolean {
  if (validity === undefined || expiry === undefined) return validity !== expiry;
  return expiry - now < validity / 2;
}
