/** What needs to know the formats; in a file of its own, that few commands load. */
export { checkDefinitions } from './check-definitions';
export { findDefinitions } from './definition-places';
export { jsonSchemas } from './json-schemas';
export { makeDefinition } from './new-definition';
