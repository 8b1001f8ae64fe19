import type { TaskParameters } from '@fatbuildr/protocol';
import {
  TableColumn,
  TableIndex,
  type MigrationInterface,
  type QueryRunner,
  type TableColumnOptions,
} from 'typeorm';
import { facetsOf } from '../task-facets';

const required = (name: string): TableColumnOptions => ({ name, type: 'varchar', default: "''" });
const optional = (name: string): TableColumnOptions => ({
  name,
  type: 'varchar',
  isNullable: true,
});

const COLUMNS = [
  required('name'),
  optional('artifact'),
  optional('format'),
  optional('distribution'),
  optional('derivative'),
  required('kind'),
].map((column) => new TableColumn(column));

const INDICES = [
  new TableIndex({ name: 'tasks_instance', columnNames: ['instance', 'sequence'] }),
  ...['name', 'artifact', 'user', 'kind'].map(
    (column) =>
      new TableIndex({
        name: `tasks_instance_${column}`,
        columnNames: ['instance', column, 'sequence'],
      }),
  ),
];

export class AddTaskFacets1796200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumns('tasks', COLUMNS);
    await runner.createIndices('tasks', INDICES);
    const { manager } = runner;
    const rows = await manager
      .createQueryBuilder()
      .select(['sequence', 'parameters'])
      .from('tasks', 'tasks')
      .getRawMany<{ sequence: number; parameters: string }>();
    for (const { sequence, parameters } of rows) {
      await manager
        .createQueryBuilder()
        .update('tasks')
        .set(facetsOf(JSON.parse(parameters) as TaskParameters))
        .where('sequence = :sequence', { sequence })
        .execute();
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndices('tasks', INDICES);
    await runner.dropColumns('tasks', COLUMNS);
  }
}
