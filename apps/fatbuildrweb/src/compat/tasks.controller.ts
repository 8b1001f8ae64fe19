import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import type { JournalFrame, TaskDescription } from '@fatbuildr/protocol';
import { JournalReader, TasksService } from '@fatbuildr/tasks';
import type { FastifyReply } from 'fastify';
import { CurrentInstance } from '../auth/current.decorators';
import { Requires } from '../auth/requires.decorator';
import { sendStream } from '../http/stream';

/** The tasks of an instance. */
@Controller()
@Requires('view-task')
export class TasksController {
  constructor(
    private readonly tasks: TasksService,
    private readonly journals: JournalReader,
  ) {}

  /** @returns JSON: Nest would send nothing at all for `null` */
  @Get('running.json')
  @Header('content-type', 'application/json; charset=utf-8')
  async running(@CurrentInstance() { id }: Instance): Promise<string> {
    const [oldest] = await this.tasks.running(id);
    return JSON.stringify(oldest ?? null);
  }

  @Get('queue.json')
  queue(@CurrentInstance() { id }: Instance): Promise<TaskDescription[]> {
    return this.tasks.queue(id);
  }

  @Get('tasks/:id.json')
  task(@CurrentInstance() instance: Instance, @Param('id') id: string): Promise<TaskDescription> {
    return this.tasks.get(instance.id, id);
  }

  @Get('watch/:id.journal')
  async watch(
    @CurrentInstance() instance: Instance,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const task = await this.tasks.get(instance.id, id);
    await sendStream(reply, 'application/octet-stream', bytesOf(this.journals.follow(task)));
  }
}

async function* bytesOf(frames: AsyncGenerator<JournalFrame[]>): AsyncGenerator<Buffer> {
  for await (const portion of frames) yield Buffer.concat(portion.map(({ bytes }) => bytes));
}
