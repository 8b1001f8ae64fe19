import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';

export class AddTaskRetries1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn(
      'tasks',
      new TableColumn({ name: 'retries', type: 'varchar', length: '36', isNullable: true }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('tasks', 'retries');
  }
}
