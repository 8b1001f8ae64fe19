import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateAudit1797000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'audit',
        columns: [
          {
            name: 'sequence',
            type: 'integer',
            isPrimary: true,
            isGenerated: true,
            generationStrategy: 'increment',
          },
          { name: 'time', type: 'bigint' },
          { name: 'instance', type: 'varchar', isNullable: true },
          { name: 'user', type: 'varchar' },
          { name: 'transport', type: 'varchar' },
          { name: 'origin', type: 'varchar' },
          { name: 'action', type: 'varchar' },
          { name: 'detail', type: 'text' },
          { name: 'outcome', type: 'varchar' },
          { name: 'task', type: 'varchar', isNullable: true },
        ],
        indices: [{ name: 'audit_instance', columnNames: ['instance', 'sequence'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('audit');
  }
}
