import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateTokens1797000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'tokens',
        columns: [
          { name: 'id', type: 'varchar', length: '36', isPrimary: true },
          { name: 'instance', type: 'varchar' },
          { name: 'user', type: 'varchar' },
          { name: 'description', type: 'text' },
          { name: 'scopes', type: 'text', isNullable: true },
          { name: 'issued', type: 'bigint' },
          { name: 'expires', type: 'bigint' },
          { name: 'revoked', type: 'bigint', isNullable: true },
          { name: 'used', type: 'bigint', isNullable: true },
        ],
        indices: [{ name: 'tokens_instance_user', columnNames: ['instance', 'user'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('tokens');
  }
}
