import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { FatbuildrError } from '@fatbuildr/errors';
import type { FastifyReply } from 'fastify';
import { Requires } from '../../auth/requires.decorator';
import { StaticFiles } from '../frame/static-files';

/** Style sheets, scripts, pictures. */
@Controller('static')
@Requires('none')
export class StaticController {
  constructor(private readonly files: StaticFiles) {}

  @Get(':digest/*')
  file(
    @Param('digest') digest: string,
    @Param('*') name: string,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    const file = this.files.find(name);
    if (file === undefined) {
      throw new FatbuildrError('FILES.UNKNOWN', `there is no static file "${name}"`);
    }
    // A page of an older release asks for its own files: it gets ours, and asks again next time.
    const current = digest === this.files.digest;
    void reply.headers({
      etag: file.etag,
      'content-type': file.type,
      'cache-control': current ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    if (known === file.etag) void reply.code(304).send();
    else void reply.send(file.body);
  }
}
