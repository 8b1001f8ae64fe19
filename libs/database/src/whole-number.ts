import type { ValueTransformer } from 'typeorm';

/** For `bigint` columns, which PostgreSQL returns as text: sizes and dates stay below 2^53. */
export const wholeNumber: ValueTransformer = {
  to: (value: number) => value,
  from: (value: number | string) => Number(value),
};
