import { Variant } from 'dbus-next';
import { alignmentOf, parseSignature, type WireType } from './signature';

const FIRST_BYTES = 1024;
/** Longest list, D-Bus specification, "Valid Signatures"; the bus cuts off who sends a longer one. */
const LONGEST_LIST = 2 ** 26;
/** Up to here a loop over the signs is quicker than the call of the encoder. */
const SHORT = 40;

/** Writes values as D-Bus carries them, little endian, into one buffer that grows. */
export class WireWriter {
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private at = 0;

  get length(): number {
    return this.at;
  }

  /** What was written; the writer must not be used any more. */
  take(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  align(bytes: number): void {
    const padding = -this.at & (bytes - 1);
    this.reserve(padding);
    for (let pad = 0; pad < padding; pad++) this.bytes[this.at++] = 0;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes.writeUInt8(value, this.at);
    this.at += 1;
  }

  uint32(value: number): void {
    this.align(4);
    this.reserve(4);
    this.bytes.writeUInt32LE(value, this.at);
    this.at += 4;
  }

  /** Writes again what was written before. */
  setUint32(value: number, at: number): void {
    this.bytes.writeUInt32LE(value, at);
  }

  text(value: unknown): void {
    const text = requireText(value);
    this.align(4);
    const length = this.at;
    this.reserve(4);
    this.at += 4;
    this.characters(text);
    this.bytes.writeUInt32LE(this.at - length - 4, length);
    this.byte(0);
  }

  signature(value: unknown): void {
    const text = requireText(value);
    parseSignature(text);
    this.byte(text.length);
    this.characters(text);
    this.byte(0);
  }

  /** @throws TypeError or RangeError when the value is none of the type */
  value(type: WireType, value: unknown): void {
    switch (type.code) {
      case 's':
      case 'o':
        return this.text(value);
      case 'v':
        return this.variant(value);
      case 'a':
        return this.list(type.children[0]!, value);
      case '(':
        return this.struct(type, value);
      case 'g':
        return this.signature(value);
      case 'b':
        return this.uint32(value ? 1 : 0);
      case 'y':
        return this.byte(value as number);
      default:
        return this.number(type, value);
    }
  }

  private variant(value: unknown): void {
    if (!(value instanceof Variant)) throw new TypeError('expected a variant for D-Bus');
    const types = parseSignature(value.signature);
    if (types.length !== 1) throw new TypeError(`a variant has one type, not "${value.signature}"`);
    this.signature(value.signature);
    this.value(types[0]!, value.value);
  }

  private list(element: WireType, value: unknown): void {
    this.uint32(0);
    const length = this.at - 4;
    this.align(alignmentOf(element));
    const start = this.at;
    if (element.code === '{') this.entries(element, value);
    else if (Buffer.isBuffer(value) && element.code === 'y') this.raw(value);
    else {
      if (!Array.isArray(value)) throw new TypeError('expected a list for D-Bus');
      for (const member of value as unknown[]) this.value(element, member);
    }
    if (this.at - start > LONGEST_LIST) throw new RangeError('a list is too long for D-Bus');
    this.setUint32(this.at - start, length);
  }

  private entries({ children: [key, member] }: WireType, value: unknown): void {
    if (typeof value !== 'object' || value === null) {
      throw new TypeError('expected a dictionary for D-Bus');
    }
    for (const name of Object.keys(value)) {
      this.align(8);
      this.value(key!, key!.code === 's' || key!.code === 'o' ? name : Number(name));
      this.value(member!, (value as Record<string, unknown>)[name]);
    }
  }

  private struct({ text, children }: WireType, value: unknown): void {
    if (!Array.isArray(value) || value.length !== children.length) {
      throw new TypeError(`expected the members of ${text} for D-Bus`);
    }
    this.align(8);
    for (const [index, type] of children.entries()) this.value(type, value[index]);
  }

  private number(type: WireType, value: unknown): void {
    const size = alignmentOf(type);
    this.align(size);
    this.reserve(size);
    const { bytes, at } = this;
    const wanted = type.code === 'x' || type.code === 't' ? 'bigint' : 'number';
    if (typeof value !== wanted) {
      throw new TypeError(`expected a ${wanted} for D-Bus, got a ${typeof value}`);
    }
    switch (type.code) {
      case 'i':
        bytes.writeInt32LE(value as number, at);
        break;
      case 'u':
      case 'h':
        bytes.writeUInt32LE(value as number, at);
        break;
      case 'n':
        bytes.writeInt16LE(value as number, at);
        break;
      case 'q':
        bytes.writeUInt16LE(value as number, at);
        break;
      case 'x':
        bytes.writeBigInt64LE(value as bigint, at);
        break;
      case 't':
        bytes.writeBigUInt64LE(value as bigint, at);
        break;
      case 'd':
        bytes.writeDoubleLE(value as number, at);
        break;
    }
    this.at += size;
  }

  private raw(data: Buffer): void {
    this.reserve(data.length);
    this.at += data.copy(this.bytes, this.at);
  }

  private characters(text: string): void {
    this.reserve(text.length * 3);
    const start = this.at;
    if (text.length <= SHORT) {
      let index = 0;
      for (; index < text.length; index++) {
        const code = text.charCodeAt(index);
        if (code > 0x7f) break;
        this.bytes[start + index] = code;
      }
      if (index === text.length) {
        this.at += index;
        return;
      }
    }
    this.at += this.bytes.write(text, start, 'utf8');
  }

  private reserve(bytes: number): void {
    const needed = this.at + bytes;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }
}

/** The bus cuts off who sends a zero inside a text. */
function requireText(value: unknown): string {
  if (typeof value !== 'string') {
    throw new TypeError(`expected a text for D-Bus, got a ${typeof value}`);
  }
  if (value.includes('\0')) throw new RangeError('a text with a zero has no place on D-Bus');
  return value;
}
