import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';

export class AddExitStatus1797000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn(
      'tasks',
      new TableColumn({ name: 'exitStatus', type: 'integer', isNullable: true }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('tasks', 'exitStatus');
  }
}
