import { Variant } from 'dbus-next';
import { alignmentOf, parseSignature, type WireType } from './signature';

/** Up to here a loop over the bytes is quicker than the call of the decoder. */
const SHORT = 24;

/**
 * Reads values as D-Bus carries them: texts, numbers, truth values, `bigint` for 64 bits, lists, objects for
 * dictionaries, `Buffer` for lists of bytes, `Variant`.
 */
export class WireReader {
  /** @param at where to start; alignment counts from the start of the bytes */
  constructor(
    private readonly bytes: Buffer,
    private readonly littleEndian: boolean,
    private at = 0,
  ) {}

  align(bytes: number): void {
    this.at = (this.at + bytes - 1) & -bytes;
  }

  /** @throws RangeError when the bytes end before the value does */
  value(type: WireType): unknown {
    switch (type.code) {
      case 's':
      case 'o':
        return this.characters(this.uint32());
      case 'v':
        return this.variant();
      case 'a':
        return this.list(type.children[0]!);
      case '(':
        this.align(8);
        return type.children.map((member) => this.value(member));
      case 'g':
        return this.characters(this.bytes.readUInt8(this.at++));
      case 'b':
        return this.uint32() !== 0;
      case 'y':
        return this.bytes.readUInt8(this.at++);
      default:
        return this.number(type);
    }
  }

  private uint32(): number {
    const at = this.next(4);
    return this.littleEndian ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  private variant(): Variant {
    const signature = this.characters(this.bytes.readUInt8(this.at++));
    const types = parseSignature(signature);
    if (types.length !== 1) throw new RangeError(`a variant has one type, not "${signature}"`);
    return new Variant(signature, this.value(types[0]!));
  }

  private list(element: WireType): unknown {
    const length = this.uint32();
    this.align(alignmentOf(element));
    const end = this.at + length;
    if (end > this.bytes.length) throw new RangeError('a list on D-Bus ends too early');
    if (element.code === 'y') {
      const data = Buffer.from(this.bytes.subarray(this.at, end));
      this.at = end;
      return data;
    }
    if (element.code === '{') return this.entries(element, end);
    const members: unknown[] = [];
    while (this.at < end) members.push(this.value(element));
    return members;
  }

  private entries({ children: [key, member] }: WireType, end: number): Record<string, unknown> {
    const entries: Record<string, unknown> = {};
    while (this.at < end) {
      this.align(8);
      const name = String(this.value(key!));
      const value = this.value(member!);
      if (name === '__proto__') {
        // An assignment would set something else than a member.
        Object.defineProperty(entries, name, { value, enumerable: true });
      } else {
        entries[name] = value;
      }
    }
    return entries;
  }

  private number(type: WireType): unknown {
    const at = this.next(alignmentOf(type));
    const { bytes, littleEndian: little } = this;
    switch (type.code) {
      case 'i':
        return little ? bytes.readInt32LE(at) : bytes.readInt32BE(at);
      case 'n':
        return little ? bytes.readInt16LE(at) : bytes.readInt16BE(at);
      case 'q':
        return little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
      case 'x':
        return little ? bytes.readBigInt64LE(at) : bytes.readBigInt64BE(at);
      case 't':
        return little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
      case 'd':
        return little ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at);
      default:
        return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    }
  }

  /** Of a number: where it is; behind it goes on. */
  private next(size: number): number {
    this.align(size);
    const { at } = this;
    this.at += size;
    return at;
  }

  /** A zero follows. */
  private characters(length: number): string {
    const start = this.at;
    const end = start + length;
    if (end >= this.bytes.length) throw new RangeError('a text on D-Bus ends too early');
    this.at = end + 1;
    if (length <= SHORT) {
      let text = '';
      for (let index = start; index < end; index++) {
        const code = this.bytes[index]!;
        if (code > 0x7f) return this.bytes.toString('utf8', start, end);
        text += String.fromCharCode(code);
      }
      return text;
    }
    return this.bytes.toString('utf8', start, end);
  }
}
