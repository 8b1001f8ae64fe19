import { definitionJsonSchema } from '@fatbuildr/artifacts';
import { FORMAT_DEFINITIONS, FORMAT_DESCRIPTIONS } from '@fatbuildr/formats';
import { instanceJsonSchema } from '@fatbuildr/instances';

/** JSON Schemas of what people write, by their names in docs/schemas. */
export function jsonSchemas(): Record<string, object> {
  const rules = Object.fromEntries(FORMAT_DEFINITIONS.map((format) => [format.name, format]));
  return {
    'artifact.schema.json': definitionJsonSchema(rules),
    'instance.schema.json': instanceJsonSchema(FORMAT_DESCRIPTIONS),
  };
}
