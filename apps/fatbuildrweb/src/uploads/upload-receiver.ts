import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { MultipartFile, MultipartValue } from '@fastify/multipart';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { FatbuildrError } from '@fatbuildr/errors';
import type { FastifyRequest } from 'fastify';
import { CSRF_FIELD } from '../auth/cross-site';
import {
  badField,
  badForm,
  brokenOff,
  notMultipart,
  tooLarge,
  unknownField,
} from './uploads.errors';
import { UploadsFolder } from './uploads-folder';

/** Of one form. */
const LIMITS = { fieldNameSize: 200, fieldSize: 64 * 1024, fields: 64, files: 64, parts: 128 };

/** A file that has arrived, below a folder of its upload. */
export interface ReceivedFile {
  /** The field it came in. */
  field: string;
  /** What the client calls it; to be checked before it names anything of ours. */
  filename: string;
  /** Where it is, under a name of ours. */
  path: string;
}

export interface ReceivedForm {
  fields: Readonly<Record<string, string>>;
  files: readonly ReceivedFile[];
}

/** What a form may hold. */
export interface FormRules {
  fields: readonly string[];
  /**
   * Called when a file begins to arrive, with the fields so far: what it throws refuses the upload then.
   */
  accept(file: Pick<ReceivedFile, 'field' | 'filename'>, fields: ReceivedForm['fields']): void;
}

/** Receives forms with files: straight to the disk, within limits, checked while they arrive. */
@Injectable()
export class UploadReceiver {
  /** Bytes. */
  private readonly limit: number;

  constructor(
    @Inject(CONFIGURATION) { web }: Configuration,
    private readonly folders: UploadsFolder,
  ) {
    this.limit = web.maxUpload;
  }

  /**
   * Receives a form and hands it to a work, which may move the files away; afterwards nothing is left of it.
   *
   * @throws FatbuildrError `UPLOAD.*`, or what the rules and the work throw
   */
  async receive<T>(
    request: FastifyRequest,
    rules: FormRules,
    work: (form: ReceivedForm) => Promise<T>,
  ): Promise<T> {
    if (!request.isMultipart()) throw notMultipart();
    if (Number(request.headers['content-length'] ?? 0) > this.limit) throw tooLarge(this.limit);
    return this.folders.lend(async (folder) => work(await this.read(request, rules, folder)));
  }

  private async read(
    request: FastifyRequest,
    rules: FormRules,
    folder: string,
  ): Promise<ReceivedForm> {
    const fields: Record<string, string> = {};
    const files: ReceivedFile[] = [];
    let room = this.limit;
    // The parser would wait for ever for a client that left before.
    if (request.raw.destroyed) throw brokenOff();
    try {
      for await (const part of request.parts({ limits: { ...LIMITS, fileSize: this.limit } })) {
        if (part.type === 'field') {
          // Checked by now; forms have it in the query.
          if (part.fieldname !== CSRF_FIELD)
            addField(fields, part as MultipartValue<string>, rules);
          continue;
        }
        const file = { field: part.fieldname, filename: part.filename };
        if (files.some(({ field }) => field === file.field)) {
          throw badForm(`the file "${file.field}" is there twice`);
        }
        rules.accept(file, fields);
        const path = join(folder, String(files.length));
        room -= await store(part, path, room, this.limit);
        files.push({ ...file, path });
      }
    } catch (fault) {
      // The rest goes nowhere: the parser must not hold up the connection that the answer goes out on.
      request.raw.unpipe();
      request.raw.resume();
      throw foreseen(fault, this.limit);
    }
    return { fields, files };
  }
}

function addField(
  fields: Record<string, string>,
  { fieldname, value, fieldnameTruncated, valueTruncated }: MultipartValue<string>,
  rules: FormRules,
): void {
  if (fieldnameTruncated || !rules.fields.includes(fieldname)) {
    throw unknownField(fieldname, rules.fields);
  }
  if (valueTruncated) throw badField(fieldname, `it is longer than ${LIMITS.fieldSize} bytes`);
  if (Object.hasOwn(fields, fieldname)) throw badField(fieldname, 'it is there twice');
  fields[fieldname] = String(value);
}

/** @returns bytes */
async function store(
  { file }: MultipartFile,
  path: string,
  room: number,
  limit: number,
): Promise<number> {
  let size = 0;
  await pipeline(
    file,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        size += chunk.length;
        if (size > room) throw tooLarge(limit);
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
  );
  if (file.truncated) throw tooLarge(limit);
  return size;
}

/** What goes wrong with a form is nearly always the client's doing; a full disk is ours. */
function foreseen(fault: unknown, limit: number): unknown {
  const { code = '', statusCode } = fault as { code?: string; statusCode?: number };
  if (fault instanceof FatbuildrError) return fault;
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge(limit);
  if (code === 'FST_MP_PREMATURE_CLOSE' || code === 'ECONNRESET') return brokenOff();
  if (code.startsWith('FST_') && statusCode !== undefined) {
    return badForm(`the form cannot be read: ${(fault as Error).message}`);
  }
  // The parser's own faults have no code.
  return code === '' && fault instanceof Error
    ? badForm(`the form cannot be read: ${fault.message}`)
    : fault;
}
