import { DataSource } from 'typeorm';
import { CreateTasks1763800000000 } from './1763800000000-create-tasks';
import { AddTaskRetries1764000000000 } from './1764000000000-add-task-retries';
import { AddTaskFacets1796200000000 } from './1796200000000-add-task-facets';

describe('the migration to tasks that can be looked for', () => {
  it('fills the columns of the tasks there are, and can be taken back', async () => {
    const source = await new DataSource({
      type: 'sqlite',
      database: ':memory:',
      migrations: [CreateTasks1763800000000, AddTaskRetries1764000000000],
    }).initialize();
    try {
      await source.runMigrations();
      const parameters = JSON.stringify({ name: 'image creation', format: 'deb', force: false });
      await source.query(
        `INSERT INTO tasks (id, instance, user, state, result, parameters, place, submitted, steps)
         VALUES ('1', 'default', 'jane', 'finished', 'success', ?, '/w', 0, '[]')`,
        [parameters],
      );
      const runner = source.createQueryRunner();
      const migration = new AddTaskFacets1796200000000();
      await migration.up(runner);
      const columns = 'name, artifact, format, distribution, derivative, kind, parameters';
      expect(await source.query(`SELECT ${columns} FROM tasks`)).toEqual([
        {
          ...{ name: 'image creation', format: 'deb', parameters },
          ...{ artifact: null, distribution: null, derivative: null },
          kind: '["image creation",null,"deb",null,null]',
        },
      ]);
      await migration.down(runner);
      expect(await source.query('SELECT parameters FROM tasks')).toEqual([{ parameters }]);
    } finally {
      await source.destroy();
    }
  });
});
