import { Readable } from 'node:stream';
import { Get, Headers, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import type { Instance } from '@fatbuildr/instances';
import { JournalReader, TasksService, type FollowedTask } from '@fatbuildr/tasks';
import type { FastifyReply } from 'fastify';
import { CurrentInstance } from '../../auth/current.decorators';
import { ApiController, Operation } from '../api-controller.decorator';
import { badOffset } from '../api.errors';
import { EVENT_STREAM, JSON_LINES, notationFor, type JournalNotation } from './journal-lines';

/** Milliseconds of silence after which a stream says that it is still there: proxies cut off silent ones. */
const SILENCE_MS = 15_000;

/** What tasks print, as they print it. */
@ApiController('tasks')
export class JournalController {
  constructor(
    private readonly tasks: TasksService,
    private readonly reader: JournalReader,
  ) {}

  @Get('tasks/:id/journal')
  @Operation(
    'Follow the journal of a task to its end',
    'view-task',
    'Every message since the start, then those to come. JSON lines, or server-sent events to who accepts them and no JSON lines: `{"offset":0,"command":"log","level":20,"message":"…"}`, `{"offset":…,"command":"output","data":"<base64>"}`, `raw-on`, `raw-off`. The stream of events ends with an event `end`, whose data are state and result of the task.',
  )
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The `offset` of the last message the caller has: the stream goes on after it.',
  })
  @ApiProduces(JSON_LINES.type, EVENT_STREAM.type)
  @ApiOkResponse({ schema: { type: 'string' } })
  async followJournal(
    @CurrentInstance() instance: Instance,
    @Param('id') id: string,
    @Headers('last-event-id') lastId: string | undefined,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const task = await this.tasks.get(instance.id, id);
    const notation = notationFor(accept);
    void reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no');
    const text = this.written(instance, task, notation, offsetOf(lastId));
    return new StreamableFile(Readable.from(text, { objectMode: false }), { type: notation.type });
  }

  private async *written(
    { id: instance }: Instance,
    task: FollowedTask,
    notation: JournalNotation,
    after: number | undefined,
  ): AsyncGenerator<string> {
    let spoken = Date.now();
    if (notation === EVENT_STREAM) yield notation.nothing;
    for await (const frames of this.reader.follow(task, after)) {
      const text = frames.map((frame) => notation.message(frame)).join('');
      if (text === '' && Date.now() - spoken < SILENCE_MS) continue;
      yield text || notation.nothing;
      spoken = Date.now();
    }
    const { state, result } = await this.tasks.get(instance, task.id);
    const end = notation.end({ state, result });
    if (end !== '') yield end;
  }
}

/** @throws FatbuildrError `API.INVALID` */
function offsetOf(lastId: string | undefined): number | undefined {
  if (lastId === undefined || lastId === '') return undefined;
  if (!/^\d{1,15}$/.test(lastId)) throw badOffset(lastId);
  return Number(lastId);
}
