import { z } from 'zod';
import type { FormatDescription } from './instance-file';
import { SCHEMA } from './instance-schema';

/**
 * JSON Schema of instance files, for editors: what `loadInstances` takes is valid. What keys mean together,
 * only it says.
 */
export function instanceJsonSchema(formats: readonly FormatDescription[]) {
  const { $schema, properties, ...rest } = z.toJSONSchema(SCHEMA, {
    override: ({ jsonSchema }) => {
      // Editors read scalars with their types, where we take them all for text; empty keys say nothing.
      if (jsonSchema.type === 'string') {
        Object.assign(jsonSchema, { type: ['string', 'number', 'boolean', 'null'] });
      } else if (jsonSchema.type === 'array' || jsonSchema.type === 'object') {
        Object.assign(jsonSchema, { type: [jsonSchema.type, 'null'] });
      }
    },
  });
  const names = { enum: formats.map(({ name }) => name) };
  return {
    $schema,
    title: 'Instance of Fatbuildr (instances.d/ID.yml)',
    ...rest,
    properties: {
      ...properties,
      formats: { ...(properties?.formats as object), propertyNames: names },
    },
  };
}
