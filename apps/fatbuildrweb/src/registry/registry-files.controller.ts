import { join } from 'node:path';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import { CurrentInstance } from '../auth/current.decorators';
import { Requires } from '../auth/requires.decorator';
import { unknownFile } from '../files/files.errors';
import { PublicFolder } from '../files/public-folder';
import { sendFile } from '../files/send-file';
import { folderListing } from './folder-listing';
import { registryHeaders } from './registry-headers';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The files of the registries themselves: what APT, DNF and image tools fetch. */
@Controller()
export class RegistryFilesController {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  /** What no other route takes. */
  @Get('*')
  @Requires('view-registry')
  async file(
    @CurrentInstance() instance: Instance | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { '*': path } = request.params as { '*': string };
    if (instance === undefined) throw unknownFile(path);
    const { dirs, web } = this.configuration;
    const folder = new PublicFolder(join(dirs.registry, instance.id));
    const opened = await folder.open(path);
    if (!opened.folder) {
      if (path.endsWith('/')) {
        await opened.handle.close();
        throw unknownFile(path);
      }
      await sendFile(request, reply, opened.handle, registryHeaders(path));
      return;
    }
    try {
      if (!web.listing) throw unknownFile(path);
      if (path !== '' && !path.endsWith('/')) {
        await reply.redirect(`./${encodeURIComponent(path.split('/').at(-1)!)}/`, 301);
        return;
      }
      const listing = folderListing(path, await folder.members(opened.handle));
      await reply
        .headers({ 'cache-control': 'no-cache', 'content-security-policy': "default-src 'none'" })
        .type('text/html; charset=utf-8')
        .send(listing);
    } finally {
      await opened.handle.close();
    }
  }
}
