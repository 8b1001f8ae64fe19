import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';

export class AddKeptContainers1799000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumns('tasks', [
      new TableColumn({ name: 'keptUntil', type: 'bigint', isNullable: true }),
      new TableColumn({ name: 'kept', type: 'text', isNullable: true }),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumns('tasks', ['keptUntil', 'kept']);
  }
}
