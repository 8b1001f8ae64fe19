import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '@fatbuildr/database';
import { Mutex } from 'async-mutex';
import { LessThan } from 'typeorm';
import { SubmissionKey } from './submission-keys.entity';
import { badSubmissionKey, keyInUse, keyOfAnother } from './tasks.errors';
import { TasksStore } from './tasks.store';

/** Milliseconds a key is remembered. */
const REMEMBERED_MS = 24 * 3600 * 1000;
/** Milliseconds after which a claim that came to nothing was left by a crash. */
const ABANDONED_MS = 60_000;
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Who submits what, under which key. */
export interface KeyedRequest {
  instance: string;
  /** Keys of different callers have nothing to do with each other. */
  caller: string;
  /** 1 to 255 visible ASCII characters. */
  key: string;
  /** Everything that was asked for: the same key must come with the same. */
  request: string;
}

/** Submissions that are made at most once, however often they are asked for. */
@Injectable()
export class KeyedSubmissions {
  /** One at a time: the second of two finds the task of the first. */
  private readonly claims = new Mutex();

  constructor(
    private readonly database: Database,
    private readonly store: TasksStore,
  ) {}

  /**
   * @param submit submits the task under the id it is given
   * @returns the id of the task, submitted now or before
   * @throws FatbuildrError `TASKS.SUBMISSION_KEY`, `TASKS.KEY_OF_ANOTHER` when the key came with another
   *   request before, `TASKS.KEY_IN_USE` while another program submits under it
   */
  async once(keyed: KeyedRequest, submit: (id: string) => Promise<unknown>): Promise<string> {
    if (!KEY.test(keyed.key)) throw badSubmissionKey(keyed.key);
    const key = digest([keyed.instance, keyed.caller, keyed.key]);
    return this.claims.runExclusive(async () => {
      const { task, fresh } = await this.claim(key, digest([keyed.request]), keyed.key);
      if (!fresh) return task;
      try {
        await submit(task);
      } catch (fault) {
        await this.database.transaction((manager) => manager.delete(SubmissionKey, { key, task }));
        throw fault;
      }
      return task;
    });
  }

  private async claim(
    key: string,
    request: string,
    name: string,
  ): Promise<{ task: string; fresh: boolean }> {
    const known = await this.database.dataSource.manager.findOneBy(SubmissionKey, { key });
    const age = known === null ? Infinity : Date.now() - known.claimed;
    if (known !== null && age < REMEMBERED_MS) {
      if (known.request !== request) throw keyOfAnother(name);
      if (await this.store.find(known.task)) return { task: known.task, fresh: false };
      if (age < ABANDONED_MS) throw keyInUse(name);
    }
    const task = randomUUID();
    const claimed = this.database.transaction(async (manager) => {
      await manager.delete(SubmissionKey, { claimed: LessThan(Date.now() - REMEMBERED_MS) });
      if (known !== null) await manager.delete(SubmissionKey, { key, task: known.task });
      // Its key is unique: of two programs that claim it one fails.
      await manager.insert(SubmissionKey, { key, request, task, claimed: Date.now() });
    });
    await claimed.catch(async (fault: unknown) => {
      const other = await this.database.dataSource.manager.findOneBy(SubmissionKey, { key });
      throw other === null || other.task === known?.task ? fault : keyInUse(name);
    });
    return { task, fresh: true };
  }
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
