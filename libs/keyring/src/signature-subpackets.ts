/**
 * Types whose critical bit RPM 4.18 does not accept, so that it refuses to import the key: signature
 * expiration (3), key expiration (9) and embedded signature (32), RFC 9580 5.2.3.7. Software that does
 * not know these three does not exist; the bit says nothing.
 */
const TYPES: ReadonlySet<number> = new Set([3, 9, 32]);

const CRITICAL = 0x80;

/**
 * Clears the critical bit of these types in the hashed subpackets of a version 4 signature.
 *
 * @param hashed two bytes of length, then the subpackets (RFC 9580 5.2.3)
 */
export function withoutCriticalBits(hashed: Uint8Array): Uint8Array {
  const result = Uint8Array.from(hashed);
  let at = 2;
  while (at < result.length) {
    // Length of the type and the body in one, two or five bytes, RFC 9580 5.2.3.7.
    const first = result[at] ?? 0;
    let length: number;
    if (first < 192) {
      length = first;
      at += 1;
    } else if (first < 255) {
      length = ((first - 192) << 8) + (result[at + 1] ?? 0) + 192;
      at += 2;
    } else {
      length = new DataView(result.buffer).getUint32(at + 1);
      at += 5;
    }
    const type = result[at] ?? 0;
    if (TYPES.has(type & ~CRITICAL)) result[at] = type & ~CRITICAL;
    at += length;
  }
  return result;
}
