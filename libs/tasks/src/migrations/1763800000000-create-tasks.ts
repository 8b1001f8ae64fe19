import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateTasks1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'tasks',
        columns: [
          {
            name: 'sequence',
            type: 'integer',
            isPrimary: true,
            isGenerated: true,
            generationStrategy: 'increment',
          },
          { name: 'id', type: 'varchar', length: '36', isUnique: true },
          { name: 'instance', type: 'varchar' },
          { name: 'user', type: 'varchar' },
          { name: 'state', type: 'varchar' },
          { name: 'result', type: 'varchar' },
          { name: 'reason', type: 'text', isNullable: true },
          { name: 'parameters', type: 'text' },
          { name: 'place', type: 'varchar' },
          { name: 'submitted', type: 'bigint' },
          { name: 'started', type: 'bigint', isNullable: true },
          { name: 'ended', type: 'bigint', isNullable: true },
          { name: 'steps', type: 'text' },
        ],
        indices: [{ name: 'tasks_instance_state', columnNames: ['instance', 'state', 'sequence'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('tasks');
  }
}
