import { closest } from '@fatbuildr/config';
import { z } from 'zod';

/** What is wrong with a value; `input` is the value. */
type Complaint = (issue: { input?: unknown }) => string;

const expected =
  (what: string): Complaint =>
  ({ input }) =>
    input === undefined ? `missing, expected ${what}` : `expected ${what}, got ${describe(input)}`;

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  return value === '' ? 'nothing' : `"${String(value)}"`;
}

/** One line of text. */
const text = z
  .string({ error: expected('text') })
  .regex(/^[^\n]+$/, { error: expected('one line of text') });

const matching = (pattern: RegExp, rule: string) =>
  text.regex(pattern, {
    error: (issue) => `expected ${rule}, got ${describe(issue.input)}`,
    abort: true,
  });

/** Names become folders and parts of the names of container images. */
const name = matching(
  /^[A-Za-z0-9][A-Za-z0-9.+~_-]*$/,
  'a name of letters, digits, ".", "+", "~", "_" and "-" that starts with a letter or digit',
);

/** A mapping that may hold these keys and no others. */
function mapping<T extends z.core.$ZodLooseShape>(shape: T) {
  return z.strictObject(shape, { error: expected('a mapping') });
}

const distribution = mapping({
  name,
  env: name.optional(),
  tag: matching(/^[A-Za-z0-9.~+_]+$/, 'a tag of letters, digits, ".", "~", "+" and "_"').optional(),
  mirror: text.optional(),
  components: text.optional(),
  modules: z.array(text, { error: expected('a list') }).optional(),
});

const derivative = mapping({
  formats: z
    .array(text, { error: expected('a list of formats') })
    .min(1, { error: 'expected at least one format' })
    .optional(),
  extends: text.optional(),
});

const record = <T extends z.ZodType>(value: T, what: string) =>
  z.record(z.string(), value, { error: expected(what) });

export const SCHEMA = mapping({
  name: text,
  gpg: mapping({
    name: matching(/^[^<>()]+$/, 'a name without "<", ">", "(" and ")"'),
    email: matching(/^[^\s<>@]+@[^\s<>@]+$/, 'an email address'),
  }),
  architectures: z.array(text, { error: expected('a list of architectures') }).optional(),
  formats: record(
    z
      .array(distribution, { error: expected('a list of distributions') })
      .min(1, { error: 'expected at least one distribution' }),
    'a mapping of format to its distributions',
  ),
  derivatives: record(derivative, 'a mapping of derivatives').optional(),
});

/** The content of an instance file, every key of the right type. */
export type InstanceShape = z.infer<typeof SCHEMA>;

/** The keys of the mapping at each kind of place, for faults. */
const KEYS = {
  root: Object.keys(SCHEMA.shape),
  gpg: Object.keys(SCHEMA.shape.gpg.shape),
  formats: Object.keys(distribution.shape),
  derivatives: Object.keys(derivative.shape),
} as const;

/**
 * Checks the types of all keys.
 *
 * @param faults receives one `key path: reason` for each key that is wrong
 */
export function checkShape(content: unknown, faults: string[]): InstanceShape | undefined {
  const parsed = SCHEMA.safeParse(content);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      const [place] = issue.path;
      const known = KEYS[place === undefined ? 'root' : (place as keyof typeof KEYS)];
      for (const key of issue.keys) {
        faults.push(
          `${keyPath([...issue.path, key])}: unknown key, the closest known one is "${closest(key, known)}"`,
        );
      }
    } else {
      faults.push(`${keyPath(issue.path) || 'the file'}: ${issue.message}`);
    }
  }
  return undefined;
}

/** `['formats', 'deb', 0, 'tag']` → `formats.deb[0].tag`. */
export function keyPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
