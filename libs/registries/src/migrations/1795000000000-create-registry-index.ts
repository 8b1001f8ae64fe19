import { Table, type MigrationInterface, type QueryRunner, type TableColumnOptions } from 'typeorm';

const text = (name: string): TableColumnOptions => ({ name, type: 'varchar' });
const long = (name: string): TableColumnOptions => ({ name, type: 'text' });
const big = (name: string): TableColumnOptions => ({ name, type: 'bigint' });
const generated: TableColumnOptions = {
  name: 'id',
  type: 'integer',
  isPrimary: true,
  isGenerated: true,
  generationStrategy: 'increment',
};
const ofPackage = {
  columnNames: ['package'],
  referencedTableName: 'registry_packages',
  referencedColumnNames: ['id'],
  onDelete: 'CASCADE',
};

export class CreateRegistryIndex1795000000000 implements MigrationInterface {
  readonly name = 'CreateRegistryIndex1795000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'registry_packages',
        columns: [
          generated,
          text('instance'),
          text('format'),
          text('distribution'),
          text('derivative'),
          text('architecture'),
          text('name'),
          text('version'),
          big('size'),
          text('source'),
          text('source_version'),
          text('task'),
          text('user'),
          big('published'),
          long('fragment'),
        ],
        indices: [
          {
            name: 'registry_packages_identity',
            columnNames: [
              'instance',
              'format',
              'distribution',
              'derivative',
              'architecture',
              'name',
              'version',
            ],
            isUnique: true,
          },
          {
            name: 'registry_packages_source',
            columnNames: ['instance', 'format', 'distribution', 'derivative', 'source'],
          },
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'registry_details',
        columns: [
          { name: 'package', type: 'integer', isPrimary: true },
          long('changelog'),
          long('content'),
        ],
        foreignKeys: [ofPackage],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'registry_files',
        columns: [
          generated,
          { name: 'package', type: 'integer' },
          text('path'),
          big('size'),
          { name: 'sha256', type: 'varchar', length: '64' },
          { name: 'sha512', type: 'varchar', length: '128' },
        ],
        foreignKeys: [ofPackage],
        indices: [
          { name: 'registry_files_path', columnNames: ['path'] },
          { name: 'registry_files_package', columnNames: ['package'] },
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'registry_indices',
        columns: [
          { ...text('instance'), isPrimary: true },
          { ...text('format'), isPrimary: true },
          { ...text('distribution'), isPrimary: true },
          text('stamp'),
          big('date'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'registry_publications',
        columns: [
          generated,
          text('instance'),
          text('format'),
          text('distribution'),
          text('action'),
          text('task'),
          text('user'),
          big('date'),
          long('packages'),
        ],
        indices: [
          {
            name: 'registry_publications_place',
            columnNames: ['instance', 'format', 'distribution'],
          },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'registry_publications',
      'registry_indices',
      'registry_files',
      'registry_details',
      'registry_packages',
    ]) {
      await runner.dropTable(table);
    }
  }
}
