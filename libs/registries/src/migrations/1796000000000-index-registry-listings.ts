import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

/** All a listing shows, in its order: the rows with their fragments need not be read. */
const LISTING = new TableIndex({
  name: 'registry_packages_listing',
  columnNames: [
    'instance',
    'format',
    'distribution',
    'derivative',
    'name',
    'architecture',
    'version',
    'size',
  ],
});

export class IndexRegistryListings1796000000000 implements MigrationInterface {
  readonly name = 'IndexRegistryListings1796000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex('registry_packages', LISTING);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('registry_packages', LISTING);
  }
}
