import { Message, MessageType } from 'dbus-next';
import { parseSignature, type WireType } from './signature';
import { WireReader } from './wire-reader';
import { WireWriter } from './wire-writer';

/** The part of a message that tells how long the rest is. */
export const HEADER_BYTES = 16;

const LITTLE_ENDIAN = 'l'.charCodeAt(0);
const PROTOCOL = 1;
const [FIELDS] = parseSignature('a(yv)') as [WireType];

/** Header fields by their codes, with their types: D-Bus specification, "Header Fields". */
const FIELD_TYPES = [
  ['path', 'o'],
  ['interface', 's'],
  ['member', 's'],
  ['errorName', 's'],
  ['replySerial', 'u'],
  ['destination', 's'],
  ['sender', 's'],
  ['signature', 'g'],
] as const;

/**
 * A message with its body, as bytes.
 *
 * @throws TypeError, RangeError when the body does not fit the signature
 */
export function encodeMessage(message: Message): Buffer {
  if (!message.serial) throw new TypeError('a message needs a serial');
  const writer = new WireWriter();
  writer.byte(LITTLE_ENDIAN);
  writer.byte(message.type ?? MessageType.METHOD_CALL);
  writer.byte(message.flags ?? 0);
  writer.byte(PROTOCOL);
  writer.uint32(0);
  writer.uint32(message.serial);
  writer.uint32(0);
  for (const [index, [name, type]] of FIELD_TYPES.entries()) {
    const value: unknown = message[name];
    if (!value) continue;
    writer.align(8);
    writer.byte(index + 1);
    writer.signature(type);
    writer.value(parseSignature(type)[0]!, value);
  }
  writer.setUint32(writer.length - HEADER_BYTES, HEADER_BYTES - 4);
  writer.align(8);
  const start = writer.length;
  const types = parseSignature(message.signature ?? '');
  const body = (message.body ?? []) as unknown[];
  if (types.length !== body.length) {
    throw new TypeError(`a message "${message.signature}" with a body of ${body.length} values`);
  }
  for (const [index, type] of types.entries()) writer.value(type, body[index]);
  writer.setUint32(writer.length - start, 4);
  return writer.take();
}

/** Bytes of a message by its first {@link HEADER_BYTES}, these included. */
export function messageLength(header: Buffer): number {
  const little = header[0] === LITTLE_ENDIAN;
  const body = little ? header.readUInt32LE(4) : header.readUInt32BE(4);
  const fields = little ? header.readUInt32LE(12) : header.readUInt32BE(12);
  return HEADER_BYTES + Math.ceil(fields / 8) * 8 + body;
}

/** @param bytes of a whole message @throws when they are none */
export function decodeMessage(bytes: Buffer): Message {
  const little = bytes[0] === LITTLE_ENDIAN;
  const reader = new WireReader(bytes, little, HEADER_BYTES - 4);
  const fields: Record<string, unknown> = {};
  for (const [code, variant] of reader.value(FIELDS) as [number, { value: unknown }][]) {
    const name = FIELD_TYPES[code - 1]?.[0];
    if (name !== undefined) fields[name] = variant.value;
  }
  reader.align(8);
  const types = parseSignature((fields.signature as string | undefined) ?? '');
  return new Message({
    ...fields,
    type: bytes[1],
    flags: bytes[2],
    serial: little ? bytes.readUInt32LE(8) : bytes.readUInt32BE(8),
    body: types.map((type) => reader.value(type)),
  });
}
