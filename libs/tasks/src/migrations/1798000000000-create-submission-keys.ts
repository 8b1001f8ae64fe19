import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateSubmissionKeys1798000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'submission_keys',
        columns: [
          { name: 'key', type: 'varchar', length: '64', isPrimary: true },
          { name: 'request', type: 'varchar', length: '64' },
          { name: 'task', type: 'varchar', length: '36' },
          { name: 'claimed', type: 'bigint' },
        ],
        indices: [{ name: 'submission_keys_claimed', columnNames: ['claimed'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('submission_keys');
  }
}
