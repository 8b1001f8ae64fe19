import { basename } from 'node:path';
import { Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiProperty } from '@nestjs/swagger';
import type { Instance } from '@fatbuildr/instances';
import { SCRATCH, TasksService } from '@fatbuildr/tasks';
import { IsString } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentInstance } from '../../auth/current.decorators';
import { unknownFile } from '../../files/files.errors';
import { PublicFolder } from '../../files/public-folder';
import { sendFile } from '../../files/send-file';
import { ApiController, Operation } from '../api-controller.decorator';
import { ApiLinks } from '../links';
import { TaskFileDto } from './task-actions.dto';

/** Files of one listing; a workspace holds what was built, not what it was built of. */
const MOST_FILES = 10_000;

class TaskFileQueryDto {
  @ApiProperty({ example: 'task.journal', description: 'As the listing names it.' })
  @IsString()
  path!: string;
}

/** What tasks left in their workspaces. */
@ApiController('tasks')
export class TaskFilesController {
  constructor(
    private readonly tasks: TasksService,
    private readonly links: ApiLinks,
  ) {}

  @Get('tasks/:id/files')
  @Operation('List the files a task left', 'view-task')
  @ApiOkResponse({ type: [TaskFileDto] })
  async listTaskFiles(
    @CurrentInstance() instance: Instance,
    @Param('id') id: string,
  ): Promise<TaskFileDto[]> {
    const { place } = await this.tasks.get(instance.id, id);
    const self = this.links.instance(instance, 'tasks', id, 'file');
    const files: TaskFileDto[] = [];
    for await (const file of below(new PublicFolder(place))) {
      files.push({ ...file, links: { self: `${self}?path=${encodeURIComponent(file.path)}` } });
      if (files.length === MOST_FILES) break;
    }
    return files;
  }

  @Get('tasks/:id/file')
  @Operation('Download a file a task left', 'view-task', 'Whole or in part (`Range`).')
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async getTaskFile(
    @CurrentInstance() instance: Instance,
    @Param('id') id: string,
    @Query() { path }: TaskFileQueryDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { place } = await this.tasks.get(instance.id, id);
    if (isScratch(path)) throw unknownFile(path);
    const { handle, folder } = await new PublicFolder(place).open(path);
    if (folder) {
      await handle.close();
      throw unknownFile(path);
    }
    // Built by whoever submitted it: no browser may take it for a page of ours.
    void reply.header(
      'content-disposition',
      `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`,
    );
    const headers = { type: 'application/octet-stream', cache: 'private, no-cache' };
    await sendFile(request, reply, handle, headers);
  }
}

const isScratch = (path: string) => path.split('/', 1)[0] === SCRATCH;

/** Every file of a folder, folders in depth. */
async function* below(
  root: PublicFolder,
  inside = '',
): AsyncGenerator<{ path: string; size: number; modified: number }> {
  const { handle, folder } = await root.open(inside);
  try {
    if (!folder) {
      const { size, mtimeMs } = await handle.stat();
      yield { path: inside, size, modified: Math.floor(mtimeMs / 1000) };
      return;
    }
    for (const { name } of await root.members(handle)) {
      const path = inside === '' ? name : `${inside}/${name}`;
      if (isScratch(path)) continue;
      yield* below(root, path);
    }
  } finally {
    await handle.close();
  }
}
