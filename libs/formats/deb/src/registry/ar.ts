import { open } from 'node:fs/promises';

/** A member of an ar archive; its data is in the archive's file at `offset`. */
export interface ArMember {
  name: string;
  offset: number;
  /** Bytes. */
  size: number;
}

const MAGIC = '!<arch>\n';
/** ar(5): name 16, date 12, owner 6, group 6, mode 8, size 10 bytes, and two that end the header. */
const HEADER = 60;
/** A package has three members; more than this is no package. */
const MOST_MEMBERS = 16;

/**
 * The members of an ar archive, without their data.
 *
 * @throws Error saying what is wrong with the archive
 */
export async function listArMembers(path: string): Promise<ArMember[]> {
  const file = await open(path, 'r');
  try {
    const { size: total } = await file.stat();
    const read = async (offset: number, length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    };
    if ((await read(0, MAGIC.length)).toString('latin1') !== MAGIC) {
      throw new Error('not an ar archive');
    }
    const members: ArMember[] = [];
    let offset = MAGIC.length;
    while (offset < total) {
      if (members.length === MOST_MEMBERS) throw new Error(`more than ${MOST_MEMBERS} members`);
      const member = parseArHeader(await read(offset, HEADER), offset + HEADER);
      if (member.offset + member.size > total) throw new Error(`member ${member.name} is cut off`);
      members.push(member);
      // Data is padded to an even length.
      offset = member.offset + member.size + (member.size % 2);
    }
    return members;
  } finally {
    await file.close();
  }
}

/** @throws Error when the header is cut off or malformed */
export function parseArHeader(header: Buffer, offset: number): ArMember {
  const text = header.toString('latin1');
  const size = text.slice(48, 58).trimEnd();
  if (header.length !== HEADER || !text.endsWith('`\n') || !/^\d+$/.test(size)) {
    throw new Error('the header of a member is damaged');
  }
  return { name: text.slice(0, 16).trimEnd().replace(/\/$/, ''), offset, size: Number(size) };
}
