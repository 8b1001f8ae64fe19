import { withoutCriticalBits } from './signature-subpackets';

/** A subpacket with its length written in one, two or five bytes. */
function subpacket(type: number, body: number[], width: 1 | 2 | 5 = 1): number[] {
  const length = body.length + 1;
  const head = {
    1: [length],
    2: [((length - 192) >> 8) + 192, (length - 192) & 0xff],
    5: [255, 0, 0, length >> 8, length & 0xff],
  }[width];
  return [...head, type, ...body];
}

const hashed = (...subpackets: number[][]) => {
  const all = subpackets.flat();
  return Uint8Array.from([all.length >> 8, all.length & 0xff, ...all]);
};

const CRITICAL = 0x80;

describe('withoutCriticalBits', () => {
  it('clears the bit of types 3, 9 and 32, whatever the width of the lengths before them', () => {
    const long = Array<number>(300).fill(9 | CRITICAL);
    const before = hashed(
      subpacket(20, long, 2),
      subpacket(3 | CRITICAL, [0, 0, 0, 1]),
      subpacket(20, long, 5),
      subpacket(9 | CRITICAL, [0, 0, 0, 2]),
      subpacket(32 | CRITICAL, long, 2),
    );
    const after = hashed(
      subpacket(20, long, 2),
      subpacket(3, [0, 0, 0, 1]),
      subpacket(20, long, 5),
      subpacket(9, [0, 0, 0, 2]),
      subpacket(32, long, 2),
    );
    expect(Buffer.from(withoutCriticalBits(before))).toEqual(Buffer.from(after));
  });

  it('leaves every other bit, and its input, alone', () => {
    const given = hashed(subpacket(2 | CRITICAL, [1, 2, 3, 4]), subpacket(27 | CRITICAL, [3]));
    const copy = Uint8Array.from(given);
    expect(withoutCriticalBits(given)).toEqual(copy);
    withoutCriticalBits(hashed(subpacket(9 | CRITICAL, [0])));
    expect(given).toEqual(copy);
  });
});
